/**
 * A fleet in one process: the collector, the detector and the responder as they are, over the memory adapters of queue and store.
 *
 * It reads one finished log. All of it is published before the detector begins: a partition that is quiet vouches for the time
 * ten seconds ago, and what an old log tells after that would come too late to be judged together.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_VERDICTS } from '@picket/collector'
import { type CollectorSettings, startCollector } from '@picket/collector/main'
import { compileRules, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { startDetector } from '@picket/detector/main'
import { type FleetView, type Responder, startResponder } from '@picket/responder/main'
import { MemoryQueue, MemoryStore, Metrics, makeLogger } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { waitUntil } from '../services/wait-until.ts'

const PARTITIONS = 3
const TOPICS = ['packets', 'contacts', 'alerts', 'receipts', 'dead-letters']
const YEARS_10 = 10 * 365 * 86_400
/** The broker's clock is so far behind ours that what it took counts as taken long ago, and quiet partitions vouch at once. */
const BEHIND_MS = 60_000
const SHARED = { prefix: 'picket', version: '0', reporter: 'centre' }

export interface FinishedLog {
  readonly path: string
  readonly lines: number
  readonly allow: readonly string[]
}

export class MemoryFleet {
  readonly #queue = new MemoryQueue({
    topics: Object.fromEntries(TOPICS.map((topic) => [`picket.${topic}`, PARTITIONS])),
    now: () => Date.now() - BEHIND_MS,
  })
  readonly #store = new MemoryStore()
  readonly #folder = mkdtempSync(join(tmpdir(), 'picket-memory-fleet-'))
  readonly #ends: (() => Promise<void>)[] = []
  #responder: Responder | undefined

  /** Resolves when everything is folded, judged and kept. */
  async read(log: FinishedLog): Promise<void> {
    await this.#collect(log)
    this.#detect(log)
    this.#respond()
    await this.#reached('packets')
    await waitUntil(() => this.#isVouchedFor(), 'each partition to vouch for all times of the log')
    for (const topic of ['contacts', 'alerts']) await this.#reached(topic)
  }

  async view(): Promise<FleetView> {
    if (this.#responder === undefined) throw new Error('nothing was read')
    return this.#responder.view()
  }

  async #collect({ path, lines }: FinishedLog): Promise<void> {
    const metrics = new Metrics()
    const collector = await startCollector(collectorSettings(path, join(this.#folder, 'spool')), {
      ...{ queue: this.#queue, log: silent(), metrics },
    })
    const read = new RegExp(`^picket_collector_lines_total ${lines}$`, 'm')
    await waitUntil(async () => read.test(await metrics.registry.metrics()), `${lines} lines of ${path}`)
    // It sends what it has read before it ends.
    await collector.stop()
  }

  #detect({ allow }: FinishedLog): void {
    const detector = startDetector(
      {
        ...{ ...SHARED, instance: 'detector', seed: 1, heartbeatMs: 60_000, concurrency: PARTITIONS },
        ...{ makeMethod: () => new PicketMethod(), rules: compileRules({ allow: [...allow] }).rules },
        ...{ togetherPolicy: PICKET_POLICY, sourcesPerPartition: 1_000, changesPerCommit: 500 },
      },
      { queue: this.#queue, store: this.#store, log: silent(), metrics: new Metrics() },
    )
    this.#ends.push(() => detector.stop())
  }

  #respond(): void {
    const responder = startResponder(
      {
        ...{ ...SHARED, instance: 'responder', heartbeatSeconds: 60 },
        incidents: { keptSeconds: YEARS_10, most: 100_000 },
      },
      { queue: this.#queue, store: this.#store, log: silent(), metrics: new Metrics(), sinks: [] },
    )
    this.#responder = responder
    this.#ends.push(() => responder.stop())
  }

  /** Everything that was on the topic when asked is committed. */
  async #reached(topic: string): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { end } = await this.#queue.extent(`picket.${topic}`, partition)
      const isThere = async () => ((await this.#store.position(`${topic}:${partition}`)) ?? 0) >= end
      await waitUntil(isThere, `${topic} ${partition} to reach ${end}`)
    }
  }

  /** In each partition of the contacts, by each partition of the packets. */
  async #isVouchedFor(): Promise<boolean> {
    const wanted = Date.now() - 2 * BEHIND_MS
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const vouching = new Set<number>()
      const { start, end } = await this.#queue.extent('picket.contacts', partition)
      for await (const { value } of this.#queue.read('picket.contacts', partition, start, end)) {
        const batch = MESSAGES.contactBatch.decode(value ?? new Uint8Array())
        if (batch.ok && batch.value.watermark > wanted) vouching.add(batch.value.upstream)
      }
      if (vouching.size < PARTITIONS) return false
    }
    return true
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
    await this.#queue.close()
    rmSync(this.#folder, { recursive: true })
  }
}

function collectorSettings(path: string, spool: string): CollectorSettings {
  return {
    sources: [{ type: 'file', name: 'log', path, from: 'start' }],
    ...{ site: '', reporter: 'host1', verdicts: DEFAULT_VERDICTS, zone: () => 0, version: '0' },
    topics: {
      ...{ packets: 'picket.packets', partitions: PARTITIONS },
      ...{ receipts: 'picket.receipts', receiptPartitions: PARTITIONS },
    },
    spool: { path: spool, maxBytes: 2 ** 28, maxAgeDays: 1 },
    batch: { records: 1_000, bytes: 262_144, ageMs: 50 },
    heartbeatSeconds: 60,
  }
}

function silent(): ReturnType<typeof makeLogger> {
  return makeLogger({ level: 'error', format: 'json' })
}
