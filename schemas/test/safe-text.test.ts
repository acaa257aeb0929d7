import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { safeText } from '../src/index.ts'

test('safe text holds only what can be seen and keeps within its length, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, most) => {
      const safe = safeText(text, most)
      assert.doesNotMatch(safe, /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.ok(safe.length <= most)
    }),
  )
})

test('a cut between the halves of a character takes the whole character', () => {
  assert.equal(safeText('ab😀cd', 4), 'ab…')
  assert.equal(safeText('ab😀cd', 5), 'ab😀…')
})
