import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lengthOf, NO_WORDS, type Row, RowStore } from '../src/detect/picket/row-store.ts'

const PAGE_BYTES = 65_536

const step = fc.record({
  act: fc.constantFrom('take', 'take', 'give back'),
  length: fc.integer({ min: 1, max: 1800 }),
  which: fc.nat(),
})

function take(store: RowStore, length: number): Row {
  const row: Row = { words: NO_WORDS, base: 0 }
  store.allocate(row, length)
  return row
}

test('rows never overlap, are empty when given, and are as long as was asked', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const store = new RowStore()
      const held: { row: Row; mark: number }[] = []
      steps.forEach(({ act, length, which }, i) => {
        const mark = i + 1
        if (act === 'take') {
          const row = take(store, length)
          assert.ok(lengthOf(row) >= length)
          const content = row.words.subarray(row.base + 1, row.base + lengthOf(row))
          assert.ok(content.every((word) => word === 0))
          content.fill(mark)
          held.push({ row, mark })
        } else if (held.length > 0) {
          const [gone] = held.splice(which % held.length, 1)
          if (gone !== undefined) store.release(gone.row.words, gone.row.base)
        }
      })
      for (const { row, mark } of held) {
        const content = row.words.subarray(row.base + 1, row.base + lengthOf(row))
        assert.ok(content.every((word) => word === mark))
      }
    }),
    { numRuns: 60 },
  )
})

test('pages that rows have outgrown serve rows of any length', () => {
  const store = new RowStore()
  const buffers = new Set<unknown>()
  let rows: Row[] = []
  for (const length of [24, 40, 100, 300]) {
    const grown = Array.from({ length: 2000 }, () => take(store, length))
    for (const { words, base } of rows) store.release(words, base)
    rows = grown
    for (const { words } of rows) buffers.add(words.buffer)
  }
  const held = rows.length * 300 * 4
  assert.ok(buffers.size * PAGE_BYTES < 2 * held, `${buffers.size} pages`)
})
