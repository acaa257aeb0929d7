/** The verdict is what the admin's words say, and nothing else. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DEFAULT_VERDICTS } from '../../src/index.ts'
import { BODY, Reader } from './reading.ts'

describe('the verdict of a prefix', () => {
  const reader = new Reader()
  const verdict = (prefix: string) => reader.read(prefix + BODY).verdict

  test('is told by a whole word, in any case and between any signs', () => {
    const words = [
      'DROP ',
      'nft-drop ',
      '[UFW BLOCK] ',
      '[UFW LIMIT BLOCK] ',
      'Shorewall:net2fw:DROP:',
      'x_Denied_1',
      'DROP2',
    ]
    for (const prefix of words) assert.equal(verdict(prefix), 'drop', prefix)
    assert.equal(verdict('filter_IN_public_REJECT: '), 'reject')
    assert.equal(verdict('[UFW ALLOW] '), 'accept')
    assert.equal(verdict('[UFW AUDIT INVALID] '), 'audit')
  })

  test('is unknown without a known word', () => {
    for (const prefix of ['', 'BACKDROP ', 'DROPS ', 'INVALID ', 'nft-out ', 'ｄｒｏｐ ']) {
      assert.equal(verdict(prefix), 'unknown', prefix)
    }
  })

  test('is that of the last known word', () => {
    assert.equal(verdict('ACCEPT then DROP '), 'drop')
    assert.equal(verdict('DROP no: ACCEPT '), 'accept')
  })

  test('follows a map of one’s own', () => {
    const own = new Reader({ verdicts: { ...DEFAULT_VERDICTS, Weg: 'drop', DROP: 'unknown' } })
    assert.equal(own.read(`wEg ${BODY}`).verdict, 'drop')
    assert.equal(own.read(`DROP ${BODY}`).verdict, 'unknown')
    assert.equal(own.read(`constructor ${BODY}`).verdict, 'unknown')
  })
})
