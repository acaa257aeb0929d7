/** Options are decoded as far as they are sound; lengths are the sender's and may lie. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeIpOptions, decodeTcpOptions } from '../../src/index.ts'

describe('TCP options', () => {
  test('of an ordinary client are all told', () => {
    assert.deepEqual(decodeTcpOptions('020405B40402080A26306784000000000103030A'), [
      { kind: 'mss', value: 1460 },
      { kind: 'sack-permitted' },
      { kind: 'timestamp', value: 640706436, echo: 0 },
      { kind: 'nop' },
      { kind: 'wscale', value: 10 },
    ])
  })

  test('that nobody knows keep their bytes, and the list ends at its end', () => {
    assert.deepEqual(decodeTcpOptions('FD04ABCD0002'), [
      { kind: 'unknown', type: 253, hex: 'ABCD' },
      { kind: 'end' },
    ])
  })

  test('whose length lies end the list', () => {
    for (const hex of ['02', '0200', '0201', '02FF05B4']) {
      assert.deepEqual(decodeTcpOptions(hex), [{ kind: 'broken', hex }])
    }
  })
})

describe('IP options', () => {
  test('name a source route', () => {
    assert.deepEqual(decodeIpOptions('830704C0000201'), [
      { kind: 'loose-source-route', pointer: 4, addresses: ['192.0.2.1'] },
    ])
  })

  test('never fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex')
        assert.ok(decodeIpOptions(hex).length <= bytes.length)
        assert.ok(decodeTcpOptions(hex).length <= bytes.length)
      }),
    )
  })
})
