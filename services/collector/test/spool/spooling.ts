/**
 * A spool under test: seals with known content, and what the spool gives back.
 */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, Metrics, makeLogger } from '@picket/runtime'
import { openSpool } from '../../src/adapters/spool/open-spool.ts'
import type { Spool } from '../../src/adapters/spool/spool.ts'
import type { SpoolOptions } from '../../src/adapters/spool/spool-parts.ts'
import type { Seal, SealedBatch } from '../../src/adapters/spool/spool-record.ts'
import { SpoolEvents } from '../../src/spool-events.ts'

export const PARTITIONS = 3
export const MACHINE: string = 'a'.repeat(32)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'picket-spool-'))

export class Spooling {
  readonly options: SpoolOptions
  readonly events: SpoolEvents
  readonly said: string[] = []
  #spool: Spool | undefined

  constructor(options: Partial<SpoolOptions> = {}) {
    this.options = {
      path: freshFolder(),
      partitions: PARTITIONS,
      maxBytes: 1024 * 1024,
      maxAgeMs: 86_400_000,
      ...options,
    }
    const log = makeLogger({ level: 'info', format: 'json' }, { write: (line) => this.said.push(line) })
    this.events = new SpoolEvents(log, new Metrics())
  }

  async open(machine: string = MACHINE): Promise<Spool> {
    this.#spool = await openSpool(this.options, this.events, machine)
    return this.#spool
  }

  get spool(): Spool {
    assert.ok(this.#spool !== undefined)
    return this.#spool
  }

  /** One batch for each partition named, all with this text; it is durable when the promise resolves. */
  async seal(text: string, partitions: readonly number[] = [0]): Promise<void> {
    this.spool.append(this.sealOf(text, partitions))
    await this.spool.settled()
  }

  sealOf(text: string, partitions: readonly number[]): Seal {
    return {
      kind: 'seal',
      positions: { kern: { at: text } },
      batches: partitions.map((partition) => this.#batch(partition, text)),
      // Texts that are many go without, so that checkpoints stay small.
      lines: text.startsWith('text')
        ? []
        : [{ head: headFor(text), bytes: encoder.encode(`${text}\n`) as Uint8Array }],
    }
  }

  #batch(partition: number, text: string): SealedBatch {
    const { place, number } = this.spool.reserve(partition)
    const bytes = encoder.encode(`${number} ${text}`)
    const head = { partition, place, packets: 1, records: 1, sealed: Date.now(), length: bytes.length }
    return { ...head, crc: crc32(bytes), bytes }
  }

  /** Acknowledges and returns all that is due of a partition. */
  take(partition: number, most: number = Number.POSITIVE_INFINITY): string[] {
    const texts: string[] = []
    while (texts.length < most) {
      const due = this.spool.next(partition)
      if (due === undefined) break
      texts.push(decoder.decode(due.bytes))
      this.spool.acknowledge(due)
    }
    return texts
  }
}

const headFor = (text: string): Seal['lines'][number]['head'] => ({
  source: 'kern',
  arrival: 0,
  input: 1,
  offset: 0,
  position: { at: text },
  bootTime: null,
})
