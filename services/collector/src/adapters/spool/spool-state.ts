/**
 * Spool state: what the records of a spool add up to.
 *
 * The same code takes in what was just made durable and what is read after a restart, so the two cannot differ.
 */
import type { Position } from '../log-source.ts'
import { type Recent, RecentLines } from '../recent-lines.ts'
import { type Checkpoint, SPOOL_VERSION, type SpoolRecord } from './spool-record.ts'

export class SpoolState {
  /** 32 hex digits; '' before the first checkpoint. */
  agent = ''
  readonly positions: Map<string, Position> = new Map()
  /** By partition. */
  readonly next: number[]
  readonly base: number[]
  readonly acknowledged: number[]
  readonly #lines: Map<string, RecentLines> = new Map()

  constructor(partitions: number) {
    this.next = new Array<number>(partitions).fill(1)
    this.base = new Array<number>(partitions).fill(0)
    this.acknowledged = new Array<number>(partitions).fill(0)
  }

  apply(record: SpoolRecord): void {
    if (record.kind === 'marks') {
      for (const [partition, place] of record.marks) this.acknowledge(partition, place)
      return
    }
    for (const [source, position] of Object.entries(record.positions)) this.positions.set(source, position)
    if (record.kind === 'checkpoint') this.#adopt(record)
    else {
      for (const { partition, place } of record.batches) raise(this.next, partition, place + 1)
      for (const lines of record.lines) this.#remember(lines)
    }
  }

  acknowledge(partition: number, place: number): void {
    raise(this.acknowledged, partition, place)
  }

  /** The batch's number as the agent counts, from 1 without gaps. */
  numberOf(partition: number, place: number): number {
    return place - (this.base[partition] ?? 0)
  }

  /** A checkpoint speaks for all before it, also where some of that could not be read. */
  #adopt({ agent, next, base, acknowledged, lines }: Checkpoint): void {
    this.agent = agent
    copy(next, this.next)
    copy(base, this.base)
    copy(acknowledged, this.acknowledged)
    this.#lines.clear()
    for (const recent of lines) this.#remember(recent)
  }

  #remember({ head, bytes }: Recent): void {
    const known = this.#lines.get(head.source)
    const lines = known ?? new RecentLines()
    if (known === undefined) this.#lines.set(head.source, lines)
    lines.add(head, bytes)
  }

  recent(source: string): readonly Recent[] {
    return this.#lines.get(source)?.all ?? []
  }

  /** Another agent from here on: it counts from 1. What is sealed already stays the earlier one's. */
  beginAs(agent: string): void {
    this.agent = agent
    for (const [partition, next] of this.next.entries()) this.base[partition] = next - 1
  }

  checkpoint(): Checkpoint {
    const lines = [...this.#lines.values()].flatMap(({ all }) => all)
    return {
      kind: 'checkpoint',
      version: SPOOL_VERSION,
      agent: this.agent,
      next: [...this.next],
      base: [...this.base],
      acknowledged: [...this.acknowledged],
      positions: Object.fromEntries(this.positions),
      lines,
    }
  }
}

function copy(from: readonly number[], into: number[]): void {
  for (const [partition, number] of from.entries()) into[partition] = number
}

function raise(numbers: number[], partition: number, to: number): void {
  if (to > (numbers[partition] ?? 0)) numbers[partition] = to
}
