/**
 * Reading with two threads: a worker splits and parses, this thread judges.
 *
 * More threads would gain nothing: judging is done in one order, and takes about as long as parsing. Chunks are copied into
 * buffers that go round between the two, so the memory is that of a few chunks however long the input.
 */
import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { UnparsedReason } from '@picket/collector'
import { Batch } from './parallel-batch.ts'
import type { Order, Reply, WorkerSettings } from './parallel-worker.ts'
import type { InputReader, OnChunk, PacketSink } from './reading.ts'

/** Chunks that the worker may have before it: enough that neither side waits for the other's odd slow one. */
const ON_THE_WAY = 3

export async function readParallel(
  reader: InputReader,
  settings: WorkerSettings,
  sink: PacketSink,
  onChunk: OnChunk,
): Promise<void> {
  const worker = new Worker(new URL('./parallel-worker.js', import.meta.url), { workerData: settings })
  try {
    const round = new Round(reader, worker, sink)
    for await (const chunk of reader.input.chunks()) {
      if (round.isFull) await round.judgeNext()
      round.send(chunk)
      onChunk(reader.counts.lines)
    }
    round.sendEnd()
    while (!round.isEmpty) await round.judgeNext()
  } finally {
    await worker.terminate()
  }
}

/** The chunks that are on their way, and the buffers that are not. */
class Round {
  readonly #reader: InputReader
  readonly #worker: Worker
  readonly #sink: PacketSink
  readonly #replies: AsyncIterator<[Reply]>
  readonly #spare: Reply[] = []
  #texts: string[] = []
  #sent = 0

  constructor(reader: InputReader, worker: Worker, sink: PacketSink) {
    this.#reader = reader
    this.#worker = worker
    this.#sink = sink
    this.#replies = on(worker, 'message') as AsyncIterator<[Reply]>
  }

  get isFull(): boolean {
    return this.#sent === ON_THE_WAY
  }

  get isEmpty(): boolean {
    return this.#sent === 0
  }

  /** The chunk itself is overwritten by the next one; a copy travels. */
  send(chunk: Uint8Array): void {
    const spare = this.#spare.pop()
    const fits = spare?.chunk !== undefined && spare.chunk.length === chunk.length
    const copy = fits ? (spare.chunk as Uint8Array) : new Uint8Array(chunk.length)
    copy.set(chunk)
    this.#post(fits ? { chunk: copy, ints: spare.ints, floats: spare.floats } : { chunk: copy })
  }

  sendEnd(): void {
    this.#post({})
  }

  #post(order: Order): void {
    const given = [order.chunk?.buffer, order.ints, order.floats].filter((buffer) => buffer !== undefined)
    this.#worker.postMessage(order, given as ArrayBuffer[])
    this.#sent++
  }

  async judgeNext(): Promise<void> {
    const next = await this.#replies.next()
    const [reply] = next.value as [Reply]
    this.#sent--
    if (reply.areTextsNew) this.#texts = []
    for (const text of reply.texts) this.#texts.push(text)
    this.#judge(reply)
    this.#spare.push(reply)
  }

  #judge({ ints, floats, packets, lines, unparsed }: Reply): void {
    const { counts, packet } = this.#reader
    counts.lines += lines
    for (const [reason, count] of unparsed) counts.addUnparsed(reason as UnparsedReason, count)
    const batch = new Batch(0, ints, floats)
    for (let index = 0; index < packets; index++) {
      batch.take(index, packet, this.#texts)
      if (this.#reader.admit(packet)) this.#sink.packet(packet)
    }
  }
}
