/** Chunks are cut anywhere; lines and offsets come out as if the input had been one piece. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { LineSplitter, MAX_LINE_BYTES } from '../../src/index.ts'
import { bytesOf } from './reading.ts'

type Line = readonly [offset: number, text: string]

function split(chunks: readonly Uint8Array[], offset = 0): { lines: Line[]; splitter: LineSplitter } {
  const lines: Line[] = []
  const splitter = new LineSplitter(offset)
  const onLine = (bytes: Uint8Array, start: number, end: number, at: number) => {
    lines.push([at, Buffer.from(bytes.slice(start, end)).toString('latin1')])
  }
  for (const [i, chunk] of chunks.entries()) {
    // Every other chunk is searched as a Buffer over the same bytes, as the readers of files do.
    if (i % 2 === 0) splitter.feed(chunk, onLine)
    else splitter.feed(chunk, onLine, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  }
  splitter.flush(onLine)
  return { lines, splitter }
}

function whole(text: string): Line[] {
  const lines: Line[] = []
  let offset = 0
  for (const line of text.split('\n')) {
    if (offset < text.length) lines.push([offset, line])
    offset += line.length + 1
  }
  return lines
}

describe('a stream of chunks', () => {
  test('gives the lines of its text, wherever it is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r'), maxLength: 60 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (content, cuts) => {
        const edges = [
          0,
          ...cuts.filter((cut) => cut <= content.length).sort((a, b) => a - b),
          content.length,
        ]
        const chunks = edges.slice(1).map((edge, i) => bytesOf(content.slice(edges[i], edge), 'latin1'))
        const { lines, splitter } = split(chunks)
        assert.deepEqual(lines, whole(content))
        assert.equal(splitter.offset, content.length)
      }),
    )
  })

  test('counts from the offset at which reading began', () => {
    assert.deepEqual(split([bytesOf('a\nb\n', 'latin1')], 1000).lines, [
      [1000, 'a'],
      [1002, 'b'],
    ])
  })

  test('hands a line on where it lies when it lies in one chunk', () => {
    const chunk = bytesOf('one\ntwo\n', 'latin1')
    new LineSplitter().feed(chunk, (bytes) => assert.equal(bytes, chunk))
  })

  test('can be resumed where the unfinished line began', () => {
    const splitter = new LineSplitter()
    splitter.feed(bytesOf('one\ntw', 'latin1'), () => {})
    assert.deepEqual([splitter.offset, splitter.pending], [4, 2])
    splitter.reset(4)
    const lines: number[] = []
    splitter.feed(bytesOf('two\n', 'latin1'), (_, start, end, offset) => lines.push(start, end, offset))
    assert.deepEqual(lines, [0, 3, 4])
  })
})

describe('a line over the limit', () => {
  const long = `${'x'.repeat(MAX_LINE_BYTES + 1)}\n`
  const chunked = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      bytesOf(text.slice(i * size, (i + 1) * size), 'latin1'),
    )

  for (const size of [100, 65_537, 10_000_000]) {
    test(`is handed on once, cut, and the next lines are right (chunks of ${size})`, () => {
      const text = `a\n${'x'.repeat(1_000_000)}\nb\n${long}c`
      const { lines, splitter } = split(chunked(text, size))
      assert.deepEqual(
        lines.map(([offset, line]) => [offset, line.length]),
        [
          [0, 1],
          [2, MAX_LINE_BYTES + 1],
          [1_000_003, 1],
          [1_000_005, MAX_LINE_BYTES + 1],
          [1_000_005 + MAX_LINE_BYTES + 2, 1],
        ],
      )
      assert.equal(splitter.tooLong, 2)
      assert.equal(splitter.offset, text.length)
    })
  }

  test('is not over it at the limit', () => {
    const { lines, splitter } = split(chunked(`${'x'.repeat(MAX_LINE_BYTES)}\n`, 999))
    assert.equal(lines[0]?.[1].length, MAX_LINE_BYTES)
    assert.equal(splitter.tooLong, 0)
  })

  test('that never ends is held in bounded memory', () => {
    const splitter = new LineSplitter()
    const chunk = new Uint8Array(1 << 20).fill(120)
    let handed = 0
    for (let i = 0; i < 64; i++) splitter.feed(chunk, () => handed++)
    assert.deepEqual([handed, splitter.tooLong, splitter.pending], [1, 1, 64 << 20])
  })
})
