/**
 * A collector under test over a log file of its own, in this process.
 */
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Metrics, makeLogger } from '@picket/runtime'
import { DEFAULT_VERDICTS } from '../../src/index.ts'
import { type Collector, type CollectorSettings, startCollector } from '../../src/main.ts'
import { eventually } from '../sources/reading.ts'
import { FileQueue, sentTo } from './file-queue.ts'
import { type Counts, HOST, packetsInLines, packetsSent, total } from './packets-of.ts'

export const PARTITIONS = 4

const TRACES = new URL('../../../../../test/traces/', import.meta.url)

export function trace(name: string): string[] {
  return readFileSync(new URL(name, TRACES), 'latin1').split('\n').slice(0, -1)
}

export function settingsIn(folder: string, more: Partial<CollectorSettings> = {}): CollectorSettings {
  return {
    sources: [{ type: 'file', name: 'kern', path: join(folder, 'kern.log'), from: 'start' }],
    site: '',
    reporter: HOST,
    topics: {
      packets: 'picket.packets',
      receipts: 'picket.receipts',
      partitions: PARTITIONS,
      receiptPartitions: 1,
    },
    spool: {
      path: join(folder, 'spool'),
      maxBytes: 64 * 1024 * 1024,
      maxAgeDays: 7,
      segmentBytes: 16 * 1024,
    },
    batch: { records: 50, bytes: 64 * 1024, ageMs: 20 },
    heartbeatSeconds: 10,
    verdicts: DEFAULT_VERDICTS,
    zone: () => 0,
    version: '0',
    ...more,
  }
}

export class Collecting {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-collector-'))
  readonly log: string = join(this.folder, 'kern.log')
  readonly out: string = join(this.folder, 'topic')
  readonly queue: FileQueue
  readonly said: string[] = []
  metrics: Metrics = new Metrics()
  #collector: Collector | undefined

  constructor(partitions: number = PARTITIONS) {
    writeFileSync(this.log, '')
    this.queue = new FileQueue(this.out, partitions)
  }

  write(lines: readonly string[]): void {
    appendFileSync(this.log, lines.map((line) => `${line}\n`).join(''), 'latin1')
  }

  async start(more: Partial<CollectorSettings> = {}): Promise<Collector> {
    this.metrics = new Metrics()
    const log = makeLogger({ level: 'info', format: 'json' }, { write: (line) => this.said.push(line) })
    const outside = { queue: this.queue, log, metrics: this.metrics }
    this.#collector = await startCollector(settingsIn(this.folder, more), outside)
    return this.#collector
  }

  get expected(): Counts {
    return packetsInLines(readFileSync(this.log, 'latin1'))
  }

  get sent(): Counts {
    return packetsSent(sentTo(this.out), PARTITIONS)
  }

  async untilAllIsSent(): Promise<void> {
    const wanted = total(this.expected)
    await eventually(
      () => total(this.sent) >= wanted,
      () => `${wanted} packets, but there are ${total(this.sent)}\n${this.said.join('')}`,
    )
  }

  /** Lets the collector work. */
  turn(ms = 2): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }

  /** A counter's value. */
  async metric(name: string): Promise<number> {
    const text = await this.metrics.registry.metrics()
    const line = text.split('\n').find((one) => one.startsWith(`picket_collector_${name} `))
    return Number(line?.split(' ')[1])
  }

  async stop(): Promise<void> {
    await this.#collector?.stop()
  }
}
