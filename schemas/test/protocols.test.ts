import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protocolName, protocolNumber } from '../src/index.ts'

test('every protocol number reads back from its name', () => {
  for (let number = 0; number < 256; number++) assert.equal(protocolNumber(protocolName(number)), number)
})

test('names are read in any case and in their other spellings', () => {
  assert.equal(protocolNumber('TCP'), 6)
  assert.equal(protocolNumber('ipv6-icmp'), 58)
  assert.equal(protocolName(58), 'icmpv6')
  assert.equal(protocolName(253), '253')
})

test('an unknown name or a number out of range is no protocol', () => {
  for (const text of ['256', '', 'tpc', '-1', '6.0', 'constructor'])
    assert.equal(protocolNumber(text), -1, text)
})
