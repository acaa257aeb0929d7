/**
 * The reading thread of `analyze --threads`: chunks in, batches of packets out, in order.
 *
 * It is the one place that runs in a worker. Splitter and parser see the same chunks in the same order as with one thread, and
 * a line that refers to the one before it still does.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { DEFAULT_VERDICTS, LineParser, LineSplitter } from '@picket/collector'
import { newPacket } from '@picket/schemas'
import { zoneNamed } from '../zone.ts'
import { bufferOf } from './file-form.ts'
import { Batch, TextNumbers } from './parallel-batch.ts'

export interface WorkerSettings {
  readonly reference: number
  /** As given to --tz; undefined is the machine's. */
  readonly zone: string | undefined
  readonly bootTime: number
}

export interface Order {
  /** Absent: the input has ended, hand on the line that has no line end. */
  readonly chunk?: Uint8Array
  /** Buffers of an earlier reply, to be filled again. */
  readonly ints?: ArrayBuffer
  readonly floats?: ArrayBuffer
}

export interface Reply {
  readonly chunk?: Uint8Array
  readonly ints: ArrayBuffer
  readonly floats: ArrayBuffer
  readonly packets: number
  readonly lines: number
  readonly unparsed: ReadonlyMap<string, number>
  /** The table of texts begins anew with this reply. */
  readonly areTextsNew: boolean
  readonly texts: readonly string[]
}

const { reference, zone, bootTime } = workerData as WorkerSettings
const parser = new LineParser({
  reference,
  zone: zoneNamed(zone).offsetOfLocal,
  bootTime,
  verdicts: DEFAULT_VERDICTS,
})
const splitter = new LineSplitter()
const packet = newPacket()
const texts = new TextNumbers()
let batch = new Batch(0)
let lines = 0
let unparsed = new Map<string, number>()

function onLine(bytes: Uint8Array, start: number, end: number, offset: number): void {
  lines++
  const outcome = parser.parse(bytes, start, end, packet)
  if (outcome === 'packet') batch.put(packet, offset, texts)
  else unparsed.set(outcome, (unparsed.get(outcome) ?? 0) + 1)
}

parentPort?.on('message', ({ chunk, ints, floats }: Order) => {
  const areTextsNew = texts.beginAnew()
  batch = new Batch(chunk?.length ?? 0, ints, floats)
  lines = 0
  unparsed = new Map()
  if (chunk === undefined) splitter.flush(onLine)
  else splitter.feed(chunk, onLine, bufferOf(chunk))
  const reply: Reply = {
    ...(chunk === undefined ? {} : { chunk }),
    ints: batch.ints.buffer as ArrayBuffer,
    floats: batch.floats.buffer as ArrayBuffer,
    packets: batch.size,
    lines,
    unparsed,
    areTextsNew,
    texts: texts.fresh,
  }
  texts.fresh = []
  const given = [reply.ints, reply.floats]
  if (chunk !== undefined) given.push(chunk.buffer as ArrayBuffer)
  parentPort?.postMessage(reply, given)
})
