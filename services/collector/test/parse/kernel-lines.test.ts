/**
 * Every form of line that the lab recorded, against its whole decoding.
 *
 * lines/kernel.txt holds pairs: the line as it was written, and behind `= ` what it says.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bytesOf, linesOf, Reader } from './reading.ts'

function describeLine(reader: Reader, line: string): unknown {
  const outcome = reader.outcome(bytesOf(line, 'latin1'))
  return outcome === 'packet' ? reader.read(bytesOf(line, 'latin1')) : { unparsed: outcome }
}

describe('the recorded lines of each form', () => {
  const lines = linesOf('kernel.txt').filter((line) => !line.startsWith('#'))
  for (let i = 0; i < lines.length; i += 2) {
    const [line, expected] = lines.slice(i, i + 2) as [string, string]
    test(`are read whole: ${line.slice(0, 40)}… ${line.trimEnd().slice(-60)}`, () => {
      assert.deepEqual(describeLine(new Reader(), line), JSON.parse(expected.slice(2)))
    })
  }

  test('are all there', () => assert.ok(lines.length / 2 > 65))
})

describe('a recorded line', () => {
  test('means the same whatever stands before and behind it in the chunk, and whatever was read before', () => {
    const reader = new Reader()
    for (const line of linesOf('real.log')) {
      assert.deepEqual(describeLine(reader, line), describeLine(new Reader(), line))
    }
  })

  test('is a packet or no IP packet, never an error', () => {
    const reader = new Reader()
    const outcomes = new Set(linesOf('real.log').map((line) => reader.outcome(bytesOf(line, 'latin1'))))
    assert.deepEqual(outcomes, new Set(['packet']))
  })

  test('that lost its last blank on the way means the same', () => {
    const reader = new Reader()
    for (const line of linesOf('real.log')) {
      const whole = describeLine(reader, line)
      assert.deepEqual(describeLine(reader, line.trimEnd()), whole, line)
    }
  })
})
