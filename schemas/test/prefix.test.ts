import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, parseAddress, parsePrefix, prefixContains, printPrefix } from '../src/index.ts'

function print(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return prefix === undefined ? undefined : printPrefix(prefix)
}

test('a prefix prints masked, and one address without a length', () => {
  assert.equal(print('10.1.2.3/8'), '10.0.0.0/8')
  assert.equal(print('10.1.2.3/32'), '10.1.2.3')
  assert.equal(print('10.1.2.3'), '10.1.2.3')
  assert.equal(print('2001:db8::1/32'), '2001:db8::/32')
  assert.equal(print('::/0'), '::/0')
  assert.equal(print('0.0.0.0/0'), '0.0.0.0/0')
  assert.equal(print('::ffff:10.0.0.0/104'), '10.0.0.0/8')
})

test('the length of an IPv4 prefix counts on the 128-bit form', () => {
  assert.equal(parsePrefix('10.0.0.0/8')?.bits, 104)
  assert.equal(parsePrefix('2001:db8::/32')?.bits, 32)
})

test('a dotted mask is the length that it spells', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), (length) => {
      const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0
      const dotted = [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.')
      assert.equal(print(`203.0.113.255/${dotted}`), print(`203.0.113.255/${length}`))
    }),
  )
})

test('what is no prefix is refused', () => {
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/255.0.255.0',
    '::/129',
    '::/255.0.0.0',
    '10.0.0.0/8/8',
  ]) {
    assert.equal(parsePrefix(text), undefined, text)
  }
  for (const text of ['10.0.0/8', '/8', '10.0.0.0/08', '10.0.0.0/+8', '10.0.0.0/::ff']) {
    assert.equal(parsePrefix(text), undefined, text)
  }
})

test('a network of one family contains no address of the other', () => {
  const contains = (network: string, address: string) => {
    const prefix = parsePrefix(network)
    return prefix !== undefined && prefixContains(prefix, parseAddress(address) as Address)
  }
  assert.equal(contains('::/0', '2001:db8::1'), true)
  assert.equal(contains('::/0', '10.0.0.1'), false)
  assert.equal(contains('0.0.0.0/0', '10.0.0.1'), true)
  assert.equal(contains('0.0.0.0/0', '::1'), false)
  assert.equal(contains('10.0.0.0/8', '11.0.0.0'), false)
  assert.equal(contains('2001:db8::/33', '2001:db8:8000::'), false)
})
