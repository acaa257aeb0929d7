import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DEFAULT_VERDICTS } from '@picket/collector'
import type { Packet } from '@picket/schemas'
import fc from 'fast-check'
import { openInputs } from '../src/analyze/inputs.ts'
import { InputReader, readInputs } from '../src/analyze/reading.ts'
import { Folder, logLine } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

/** Second and port of each packet, in the order in which they came, with the number of their input. */
async function merged(files: readonly string[]): Promise<[second: number, port: number, input: number][]> {
  const settings = { zone: () => 0, bootTime: Number.NaN, verdicts: DEFAULT_VERDICTS }
  const readers = openInputs(files, Date.now()).map((input) => new InputReader(input, settings))
  const seen: [number, number, number][] = []
  const packet = ({ time, dpt, input }: Packet): unknown => seen.push([(time / 1000) % 3600, dpt, input])
  await readInputs(readers, { packet }, () => undefined)
  return seen
}

function at(second: number, port: number): string {
  const [minute, rest] = [Math.floor(second / 60), second % 60]
  return logLine({ at: `15:${String(minute).padStart(2, '0')}:${String(rest).padStart(2, '0')}`, port })
}

test('packets of several files come in event time, at the same time those of the first file first', async () => {
  const files = [
    folder.file('a', at(5, 1) + at(9, 2)),
    folder.file('b', at(1, 3) + at(9, 4)),
    folder.file('c', ''),
  ]
  assert.deepEqual(await merged(files), [
    [1, 3, 1],
    [5, 1, 0],
    [9, 2, 0],
    [9, 4, 1],
  ])
})

test('a file whose stamps run backwards keeps its own order', async () => {
  const files = [folder.file('d', at(8, 1) + at(2, 2)), folder.file('e', at(7, 3))]
  assert.deepEqual(
    (await merged(files)).map(([, port]) => port),
    [3, 1, 2],
  )
})

test('merging any sorted files gives every packet once, in order, also across chunks', async () => {
  const file = fc.array(fc.nat(3599), { maxLength: 30 }).map((seconds) => seconds.sort((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 5 }), fc.boolean(), async (parts, isLong) => {
      // Lines of another program in between carry the files over several chunks.
      const filler = isLong ? `${'x'.repeat(40_000)}\n`.repeat(2) : ''
      const names = parts.map((seconds, n) => {
        return folder.file(
          `p${n}`,
          seconds.map((second, line) => at(second, n * 100 + line + 1) + filler).join(''),
        )
      })
      const seconds = (await merged(names)).map(([second]) => second)
      assert.deepEqual(
        seconds,
        parts.flat().sort((a, b) => a - b),
      )
    }),
    { numRuns: 30 },
  )
})

test('lines that lie across two chunks are read whole', async () => {
  const ports = Array.from({ length: 12_000 }, (_, n) => n + 1)
  const text = ports.map((port) => at(Math.floor(port / 4), port)).join('')
  // Many inputs share the memory for chunks, so that each has small ones: here 64 KiB.
  const empty = folder.file('empty', '')
  const files = [folder.file('long0', text), folder.file('long1', text), ...new Array(128).fill(empty)]
  const seen = await merged(files)
  for (const input of [0, 1]) {
    assert.deepEqual(
      seen.filter(([, , of]) => of === input).map(([, port]) => port),
      ports,
    )
  }
})
