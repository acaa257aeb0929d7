/**
 * Mutated real lines: a million with PICKET_FUZZ_LINES=1000000, fewer by default; others with PICKET_FUZZ_SEED.
 *
 * The oracle is not a second parser: an address may only come from where it stands, `SRC=` and `DST=` at the start
 * of a word, each once, outside the bracket.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPacket, type Packet, parseAddress, printAddress } from '@picket/schemas'
import { type Outcome, UNPARSED_REASONS } from '../../src/index.ts'
import { bytesOf, linesOf, newParser } from './reading.ts'

const LINES = Number(process.env['PICKET_FUZZ_LINES'] ?? 100_000)
const SEED = Number(process.env['PICKET_FUZZ_SEED'] ?? 20_261_123)
const PIECES = [
  ' ',
  '  ',
  '[',
  ']',
  'SRC=6.6.6.6 ',
  ' DST=6.6.6.6 ',
  'IN=',
  ' OUT=',
  'IN=eth0 OUT= ',
  'PROTO=',
  '=',
  '\0',
  '\n',
  '\r',
  '\xff',
  '"',
  '\\',
  '{',
  '}',
  ':',
  '::',
  'OPT ( ',
  ')',
  '9',
  '.',
  'kernel: ',
  '65536',
  '\x1b[0m',
].map((piece) => bytesOf(piece, 'latin1'))

/** xorshift32: the same mutations in every run, so that a failure can be found again. */
class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  below(limit: number): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return (this.state >>> 0) % limit
  }
}

function splice(line: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array {
  const end = Math.min(line.length, at + removed)
  const result = new Uint8Array(line.length - (end - at) + piece.length)
  result.set(line.subarray(0, at))
  result.set(piece, at)
  result.set(line.subarray(end), at + piece.length)
  return result
}

function mutate(line: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.below(line.length + 1)
  switch (dice.below(7)) {
    case 0:
      return splice(line, at, 1, Uint8Array.of(dice.below(256)))
    case 1:
      return splice(line, at, 1 + dice.below(20), new Uint8Array(0))
    case 2:
      return splice(line, at, 0, PIECES[dice.below(PIECES.length)] as Uint8Array)
    case 3:
      return line.slice(0, at)
    case 4:
      return splice(line, at, line.length, other.subarray(dice.below(other.length)))
    case 5: {
      const from = dice.below(line.length)
      return splice(line, at, 0, line.subarray(from, from + 1 + dice.below(60)))
    }
    default:
      return splice(line, at, 1, Uint8Array.of(48 + dice.below(10)))
  }
}

/** The words of a body; a word in brackets, which may hold blanks, counts as none. */
function wordsOf(body: string): string[] {
  const words: string[] = []
  let at = 0
  while (at < body.length) {
    const end = body[at] === '[' ? bracketEnd(body, at) : `${body} `.indexOf(' ', at)
    if (body[at] !== '[') words.push(body.slice(at, end))
    at = body[at] === '[' ? end : end + 1
  }
  return words
}

function bracketEnd(body: string, start: number): number {
  let depth = 0
  for (let at = start; at < body.length; at++) {
    if (body[at] === '[') depth++
    if (body[at] === ']') depth--
    if (depth === 0) return at + 1
  }
  return body.length
}

function assertLiteral(body: string, key: string, address: string): void {
  const values = wordsOf(body)
    .filter((word) => word.startsWith(key))
    .map((word) => parseAddress(word.slice(key.length)))
  assert.equal(values.length, 1, `${key} once in ${JSON.stringify(body)}`)
  assert.equal(values[0] && printAddress(values[0]), address, JSON.stringify(body))
}

function mutated(lines: readonly Uint8Array[], dice: Dice): Uint8Array {
  let line = lines[dice.below(lines.length)] as Uint8Array
  const other = lines[dice.below(lines.length)] as Uint8Array
  for (let times = dice.below(3); times >= 0; times--) line = mutate(line, other, dice)
  return line
}

function assertAddresses(packet: Packet): void {
  const body = Buffer.from(packet.line.slice(packet.body.start, packet.body.end)).toString('latin1')
  assertLiteral(body, 'SRC=', printAddress(packet.src))
  assertLiteral(body, 'DST=', printAddress(packet.dst))
}

test(`${LINES} mutated lines never throw, give no address but the one that stands there, and leave the next line right`, () => {
  const dice = new Dice(SEED)
  const parser = newParser()
  const packet = newPacket()
  const lines = linesOf('real.log').map((line) => bytesOf(line, 'latin1'))
  const known = new Set<Outcome>(['packet', ...UNPARSED_REASONS])
  const good = lines[0] as Uint8Array
  parser.parse(good, 0, good.length, packet)
  const right = [printAddress(packet.src), printAddress(packet.dst), packet.spt, packet.dpt]
  let packets = 0
  for (let i = 0; i < LINES; i++) {
    const line = mutated(lines, dice)
    const outcome = parser.parse(line, 0, line.length, packet)
    assert.ok(known.has(outcome))
    if (outcome === 'packet') {
      packets++
      assertAddresses(packet)
    }
    if (i % 16 > 0) continue
    assert.equal(parser.parse(good, 0, good.length, packet), 'packet')
    assert.deepEqual([printAddress(packet.src), printAddress(packet.dst), packet.spt, packet.dpt], right)
  }
  assert.ok(packets > LINES / 10, 'mutations mild enough to come through')
})
