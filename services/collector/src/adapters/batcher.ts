/**
 * Batcher: packets of many sources into batches of one partition each.
 *
 * A batch that is full is closed and numbered at once; all others go with it when everything is sealed together, since
 * a cursor can only say "all up to here". Nothing here is durable: numbers of batches that were never appended
 * to the spool are given out again after a restart.
 */
import { randomInt } from 'node:crypto'
import { crc32 } from '@picket/runtime'
import { type Packet, partitionOf } from '@picket/schemas'
import { BatchWriter, MESSAGES } from '@picket/schemas/messages'
import { Repeats, WHOLE_PACKETS } from '../fold/repeats.ts'
import { ownerAndMark } from '../parse/describe/packet-extra.ts'
import type { SealedBatch } from './spool/spool-record.ts'

const NO_EXTRA = { uid: -1, gid: -1, mark: -1 }

/** One seal is one record of the spool. */
const PLENTY_BYTES = 4 * 1024 * 1024

export interface BatchLimits {
  readonly records: number
  readonly bytes: number
}

export interface BatcherOptions {
  readonly partitions: number
  readonly limits: BatchLimits
  readonly reporter: string
  readonly site: string
  readonly agent: string
  readonly reserve: (partition: number) => { readonly place: number; readonly number: number }
}

export class Batcher {
  readonly #options: BatcherOptions
  readonly #open: OpenBatch[]
  #closed: SealedBatch[] = []
  #closedBytes = 0
  /** Packets that were added to a record that was there already. */
  folded = 0
  /** Fold all that is alike, keep none whole: the spool is nearly full. */
  foldsHarder = false

  constructor(options: BatcherOptions) {
    this.#options = options
    const seed = randomInt(2 ** 31)
    this.#open = Array.from({ length: options.partitions }, () => new OpenBatch(seed))
  }

  add(packet: Packet, isTimed: boolean): void {
    const partition = partitionOf(packet.src, this.#options.partitions)
    const batch = this.#open[partition] as OpenBatch
    if (!batch.writer.fits(packet.time) || this.#isFull(batch)) this.#close(partition, batch)
    if (!batch.add(packet, isTimed, this.foldsHarder ? 0 : WHOLE_PACKETS)) this.folded++
  }

  #isFull({ writer }: OpenBatch): boolean {
    const { records, bytes } = this.#options.limits
    return writer.records >= records || writer.bytesEstimate >= bytes
  }

  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#open.every(({ writer }) => writer.isEmpty)
  }

  /** Whether so much has come together that waiting for more would gain nothing. */
  get isPlenty(): boolean {
    if (this.#closed.length >= this.#open.length) return true
    const open = this.#open.reduce((sum, { writer }) => sum + writer.bytesEstimate, 0)
    return this.#closedBytes + open > PLENTY_BYTES
  }

  /** All that was added since the last call. */
  seal(): SealedBatch[] {
    for (const [partition, batch] of this.#open.entries()) {
      if (!batch.writer.isEmpty) this.#close(partition, batch)
    }
    const closed = this.#closed
    this.#closed = []
    this.#closedBytes = 0
    return closed
  }

  #close(partition: number, batch: OpenBatch): void {
    const { agent, reporter, site, reserve } = this.#options
    const { place, number } = reserve(partition)
    const sealed = Date.now()
    const records = batch.writer.records
    const packets = batch.packets
    const bytes = MESSAGES.packetBatch.encode(batch.seal({ agent, reporter, site, number, sealed }))
    const head = { partition, place, packets, records, sealed, length: bytes.length, crc: crc32(bytes) }
    this.#closed.push({ ...head, bytes })
    this.#closedBytes += bytes.length
  }
}

/** What has come of one partition. */
class OpenBatch {
  readonly writer: BatchWriter
  readonly #repeats = new Repeats()
  packets = 0

  constructor(seed: number) {
    this.writer = new BatchWriter(seed)
  }

  /** Whether it became a record of its own. */
  add(packet: Packet, isTimed: boolean, whole: number): boolean {
    const { writer } = this
    const next = writer.records
    const record = this.#repeats.place(packet, isTimed, next, whole)
    this.packets += packet.count
    if (record !== next) {
      writer.fold(record, packet)
      return false
    }
    const extra = ownerAndMark(packet)
    writer.add(packet, isTimed ? extra : { ...NO_EXTRA, ...extra, arrival: true })
    return true
  }

  seal(head: Parameters<BatchWriter['seal']>[0]): ReturnType<BatchWriter['seal']> {
    this.#repeats.clear()
    this.packets = 0
    return this.writer.seal(head)
  }
}
