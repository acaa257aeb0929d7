/**
 * What a parser remembers of the last head must never show: with or without it a line gives the same packet.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, linesOf, Reader } from './reading.ts'

const FOLDED = [
  'Nov 23 15:22:05 h rsyslogd: x',
  'Nov 23 15:22:05 h kernel: message repeated 1 times: [[  884.320171] A IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=2 ]',
  'Nov 23 15:22:05 h kernel: message repeated 2 times: [ A IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=2 ]',
]

const PLAIN =
  'Nov 23 15:22:05 h kernel: [  884.320171] A IN=e OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 PROTO=2 '

const LINES = [...linesOf('real.log'), ...linesOf('kernel.txt'), ...FOLDED].map((line) =>
  bytesOf(line, 'latin1'),
)

/** Everything a line gives: the outcome, or the packet in full. */
function told(reader: Reader, line: Uint8Array): unknown {
  const outcome = reader.outcome(line)
  if (outcome !== 'packet') return outcome
  const { line: bytes, body, mac, time, toMany, src, dst, ...rest } = reader.packet
  const text = (at: { start: number; end: number }) => String.fromCharCode(...bytes.slice(at.start, at.end))
  return [
    rest.prefix,
    rest.verdict,
    rest.reporter,
    rest.in,
    rest.out,
    rest.count,
    rest.proto,
    rest.spt,
    rest.dpt,
  ]
    .concat([time, toMany, ...src, ...dst].map(String))
    .concat(text(body), mac.start < 0 ? 'none' : text(mac))
}

/** One byte of the head taken out, put in or changed, or the line cut there. */
const change = fc.record({
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  how: fc.constantFrom('cut', 'drop', 'put', 'set'),
  byte: fc.constantFrom(...bytesOf(' [].:=0123456789INOUTSRC', 'utf8')),
})

function changed(
  line: Uint8Array,
  { where, how, byte }: { where: number; how: string; byte: number },
): Uint8Array {
  const at = Math.floor(where * Math.min(line.length, 200))
  const behind = how === 'cut' ? line.length : at + (how === 'put' ? 0 : 1)
  const middle = how === 'put' || how === 'set' ? [byte] : []
  return Uint8Array.from([...line.slice(0, at), ...middle, ...line.slice(behind)])
}

test('a line with almost the head of the line before it reads as it does alone', () => {
  const pair = fc.tuple(fc.constantFrom(...LINES), fc.array(change, { maxLength: 2 }))
  fc.assert(
    fc.property(pair, ([line, changes]) => {
      const second = changes.reduce<Uint8Array>(changed, line)
      const reader = new Reader()
      told(reader, line)
      assert.deepEqual(told(reader, second), told(new Reader(), second))
    }),
    { numRuns: 5000 },
  )
})

test('a log reads the same line by line and with all that was remembered', () => {
  const reader = new Reader()
  for (const line of [...LINES, ...LINES].flatMap((each) => [each, each])) {
    if (line.length > 0) assert.deepEqual(told(reader, line), told(new Reader(), line))
  }
})

test('a head is taken over whatever the kernel’s stamp says, and only as a whole', () => {
  const reader = new Reader()
  reader.read(PLAIN)
  for (const stamp of [
    '[    0.000001] ',
    '[5305600.000000] ',
    '[5305600.00000] ',
    '[] ',
    '[ x.000000] ',
    '',
  ]) {
    const line = bytesOf(PLAIN.replace('[  884.320171] ', stamp), 'utf8')
    assert.deepEqual(told(reader, line), told(new Reader(), line), stamp)
  }
})

test('two heads in turn read as each does alone', () => {
  const reader = new Reader()
  const second = PLAIN.replace(' A IN=e', ' B IN=f')
  for (const line of [PLAIN, second, PLAIN, PLAIN, second, second, PLAIN, second]) {
    const bytes = bytesOf(line, 'utf8')
    assert.deepEqual(told(reader, bytes), told(new Reader(), bytes))
  }
})

test('what is written around a repeated line is no part of a head', () => {
  const [, one = ''] = FOLDED
  const reader = new Reader()
  reader.read(one.replace('PROTO=2 ]', 'PROTO=2'))
  assert.deepEqual(told(reader, bytesOf(one, 'utf8')), told(new Reader(), bytesOf(one, 'utf8')))
})
