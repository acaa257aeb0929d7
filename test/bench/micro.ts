/**
 * `npm run bench:micro`: nanoseconds for one line parsed and one packet judged, against the plain rival, in the same process.
 *
 * The rounds alternate, so that what else the machine does falls on both; the best round of each counts.
 */
import { readFileSync } from 'node:fs'
import { DEFAULT_VERDICTS, LineParser, LineSplitter } from '@picket/collector'
import { Detector, NO_RULES, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { copyPacket, newPacket, type Packet } from '@picket/schemas'
import { sampleFile } from './generate.ts'
import { report } from './measure.ts'
import { PlainFold, parsePlain } from './rival.ts'

const LINES = 1_000_000
const SOURCES = 10_000
const KEEP = 200
const ROUNDS = 7

function best(run: () => void, against: () => void): [number, number] {
  let ours = Number.POSITIVE_INFINITY
  let theirs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    ours = Math.min(ours, nanoseconds(run))
    theirs = Math.min(theirs, nanoseconds(against))
  }
  return [ours, theirs]
}

function nanoseconds(run: () => void): number {
  const start = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - start)
}

function newParser(): LineParser {
  return new LineParser({
    reference: Date.UTC(2026, 10, 23),
    zone: () => 0,
    bootTime: Number.NaN,
    verdicts: DEFAULT_VERDICTS,
  })
}

function packetsOf(bytes: Uint8Array): Packet[] {
  const parser = newParser()
  const into = newPacket()
  const packets: Packet[] = []
  const splitter = new LineSplitter()
  splitter.feed(bytes, (line, start, end) => {
    if (parser.parse(line, start, end, into) === 'packet') packets.push(copyPacket(into))
  })
  return packets
}

const { path, lines } = sampleFile({ lines: LINES, sources: SOURCES, shape: 'usual', keep: KEEP })
const file = readFileSync(path)
// A Buffer, as files give it, by the type that the splitter names
const bytes = file as unknown as Uint8Array

const parser = newParser()
const into = newPacket()
const [parsed, plainly] = best(
  () => {
    const splitter = new LineSplitter()
    splitter.feed(bytes, (line, start, end) => {
      parser.parse(line, start, end, into)
    })
  },
  () => {
    for (const text of file.toString('latin1').split('\n')) parsePlain(text)
  },
)
report('parse', {
  ratio: plainly / parsed,
  meaning: 'time of the plain parser over ours',
  nsPerLine: parsed / lines,
})

const packets = packetsOf(bytes)
const plain = file.toString('latin1').split('\n').map(parsePlain)
const [folded, foldedPlainly] = best(
  () => {
    const method = new PicketMethod(PICKET_POLICY)
    const detector = new Detector({ method, rules: NO_RULES, maxSources: 1_000_000 })
    for (const packet of packets) detector.observe(packet)
  },
  () => {
    const fold = new PlainFold()
    for (const packet of plain) if (packet !== undefined) fold.add(packet)
  },
)
report('fold', {
  ratio: foldedPlainly / folded,
  meaning: 'time of counting with Map and Set over folding and judging',
  nsPerPacket: folded / packets.length,
})
