/**
 * `npm run bench:codec`: packets a CPU second through writer, encoder, decoder and reader, against JSON of the same objects.
 *
 * The packets are those of the sample that `bench:analyze` reads, a thousand a batch, as they come (`mixed`, all sources of a
 * partition). The rounds of both alternate, so that what else the machine does falls on both; the best round counts.
 */
import { readFileSync } from 'node:fs'
import { DEFAULT_VERDICTS, LineParser, LineSplitter } from '@picket/collector'
import { copyPacket, newPacket, type Packet } from '@picket/schemas'
import { BatchReader, BatchWriter, MESSAGES, type PacketBatch } from '@picket/schemas/messages'
import { sampleFile } from './generate.ts'
import { report } from './measure.ts'

const BATCH = 1_000
const PACKETS = 100_000
const ROUNDS = 7
const HEAD = { agent: 'a'.repeat(32), reporter: 'gate', site: '', number: 1, sealed: 1 }

function samplePackets(): Packet[] {
  const { path } = sampleFile({ lines: 1_000_000, sources: 10_000, shape: 'usual', keep: 2_000 })
  const parser = new LineParser({
    reference: Date.UTC(2026, 10, 23),
    zone: () => 0,
    bootTime: Number.NaN,
    verdicts: DEFAULT_VERDICTS,
  })
  const into = newPacket()
  const packets: Packet[] = []
  new LineSplitter().feed(readFileSync(path) as unknown as Uint8Array, (line, start, end) => {
    if (packets.length === PACKETS) return
    if (parser.parse(line, start, end, into) === 'packet') packets.push(copyPacket(into))
  })
  return packets
}

function cpuMicroseconds(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Packets a CPU second of both, of the best round. */
function best(ours: () => void, theirs: () => void): [number, number] {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of [ours, theirs].entries()) {
      least[i] = Math.min(least[i] as number, cpuMicroseconds(run))
    }
  }
  return least.map((time) => (packets.length * 1e6) / time) as [number, number]
}

function tell(name: string, meaning: string, ours: number, theirs: number, more: object = {}): void {
  report(name, { ratio: ours / theirs, meaning, packetsPerCpuSecond: Math.round(ours), ...more })
}

const packets = samplePackets()
const writer = new BatchWriter(1)

function write(take: (batch: PacketBatch) => void): void {
  for (const packet of packets) {
    writer.add(packet, undefined)
    if (writer.records === BATCH) take(writer.seal(HEAD))
  }
}

const batches: PacketBatch[] = []
write((batch) => batches.push(batch))
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const asJson = (batch: PacketBatch) => encoder.encode(JSON.stringify(batch))
const messages = batches.map((batch) => MESSAGES.packetBatch.encode(batch))
const texts = batches.map(asJson)

const bytesOf = (all: readonly Uint8Array[]) =>
  all.reduce((sum, { length }) => sum + length, 0) / packets.length
const sizes = { bytesPerPacket: bytesOf(messages), jsonBytesPerPacket: bytesOf(texts) }

function decode(bytes: Uint8Array): PacketBatch {
  const decoded = MESSAGES.packetBatch.decode(bytes)
  if (!decoded.ok) throw new Error(decoded.detail)
  return decoded.value
}

const parse = (text: Uint8Array) => JSON.parse(decoder.decode(text)) as PacketBatch

/** What JSON makes of bytes is not bytes again: these two are taken from the batch itself. */
function parseWhole(text: Uint8Array, index: number): PacketBatch {
  const { addresses, blobs } = batches[index] as PacketBatch
  return { ...parse(text), addresses, blobs }
}

const reader = new BatchReader()
const into = newPacket()
let checksum = 0
function read(batch: PacketBatch): void {
  const outcome = reader.read(batch, into, 1, ({ dpt, time }) => {
    checksum += dpt + (time % 1000)
  })
  if (!outcome.ok) throw new Error(outcome.detail)
}

const [encoded, encodedJson] = best(
  () => {
    for (const batch of batches) MESSAGES.packetBatch.encode(batch)
  },
  () => {
    for (const batch of batches) asJson(batch)
  },
)
tell('encode', 'packets a CPU second over JSON.stringify', encoded, encodedJson, sizes)

const [sealed, sealedJson] = best(
  () => write((batch) => MESSAGES.packetBatch.encode(batch)),
  () => write(asJson),
)
tell('write and encode', 'packets a CPU second over the same records as JSON', sealed, sealedJson)

const [decoded, decodedJson] = best(
  () => {
    for (const bytes of messages) decode(bytes)
  },
  () => {
    for (const text of texts) parse(text)
  },
)
tell('decode', 'packets a CPU second over JSON.parse', decoded, decodedJson)

const [heard, heardJson] = best(
  () => {
    for (const bytes of messages) read(decode(bytes))
  },
  () => {
    for (const [index, text] of texts.entries()) read(parseWhole(text, index))
  },
)
tell('decode and read', 'packets a CPU second over JSON.parse and reading', heard, heardJson, { checksum })
