/**
 * A fleet in memory for tests: a queue, a store and whatever detectors are started on them.
 */
import { after } from 'node:test'
import { MemoryQueue, MemoryStore, Metrics, makeLogger, type Producer } from '@picket/runtime'
import { type Alert, type Packet, partitionOf } from '@picket/schemas'
import { alertOf, BatchWriter, MESSAGES } from '@picket/schemas/messages'
import { NO_RULES, PICKET_POLICY, PicketMethod } from '../../src/index.ts'
import { type DetectorProcess, type DetectorSettings, startDetector } from '../../src/main.ts'

export const PARTITIONS = 3
const TOPICS = { 'picket.packets': PARTITIONS, 'picket.contacts': PARTITIONS, 'picket.alerts': PARTITIONS }
const DEADLINE_MS = 60_000

/** A test that fails must not keep its process alive. */
const started: DetectorProcess[] = []
after(() => Promise.all(started.map((detector) => detector.stop())))

export class Fleet {
  now: number
  readonly queue: MemoryQueue
  readonly store: MemoryStore = new MemoryStore()
  readonly metrics: Metrics[] = []
  readonly #numbers: Map<string, number> = new Map()
  #producer: Producer | undefined

  constructor(now: number) {
    this.now = now
    const topics = { ...TOPICS, 'picket.receipts': 1, 'picket.dead-letters': 1 }
    this.queue = new MemoryQueue({ topics, now: () => this.now })
  }

  async start(settings: Partial<DetectorSettings> = {}): Promise<DetectorProcess> {
    const metrics = new Metrics()
    this.metrics.push(metrics)
    const log = makeLogger({ level: 'error', format: 'json' })
    const detector = startDetector(
      {
        prefix: 'picket',
        instance: 'detector-test',
        reporter: 'central',
        version: '0',
        makeMethod: () => new PicketMethod(),
        rules: NO_RULES,
        togetherPolicy: PICKET_POLICY,
        sourcesPerPartition: 1_000,
        changesPerCommit: 500,
        concurrency: PARTITIONS,
        heartbeatMs: 60_000,
        seed: 1,
        ...settings,
      },
      { queue: this.queue, store: this.store, log, metrics },
    )
    started.push(detector)
    return detector
  }

  /** Publishes packets as an agent does: a batch for each partition, numbered. */
  async publish(agent: string, packets: readonly Packet[]): Promise<void> {
    const writers = Array.from({ length: PARTITIONS }, () => new BatchWriter())
    for (const packet of packets) writers[partitionOf(packet.src, PARTITIONS)]?.add(packet, undefined)
    for (const [partition, writer] of writers.entries()) {
      if (!writer.isEmpty) await this.send(partition, this.#seal(agent, partition, writer))
    }
  }

  async send(partition: number, value: Uint8Array): Promise<void> {
    this.#producer ??= await this.queue.producer()
    await this.#producer.send('picket.packets', partition, [{ key: null, value }])
  }

  #seal(agent: string, partition: number, writer: BatchWriter): Uint8Array {
    const key = `${agent} ${partition}`
    const number = (this.#numbers.get(key) ?? 0) + 1
    this.#numbers.set(key, number)
    return MESSAGES.packetBatch.encode(
      writer.seal({ agent, reporter: agent, site: '', number, sealed: this.now }),
    )
  }

  async alerts(): Promise<Alert[]> {
    const alerts: Alert[] = []
    for (const { value } of await this.all('picket.alerts')) {
      const decoded = MESSAGES.alert.decode(value as Uint8Array)
      if (decoded.ok) alerts.push(alertOf(decoded.value))
    }
    return alerts
  }

  async all(topic: string): Promise<{ partition: number; value: Uint8Array | null }[]> {
    const all: { partition: number; value: Uint8Array | null }[] = []
    for (let partition = 0; partition < (await this.queue.partitions(topic)); partition++) {
      const { start, end } = await this.queue.extent(topic, partition)
      for await (const { value } of this.queue.read(topic, partition, start, end))
        all.push({ partition, value })
    }
    return all
  }

  /** Waits for a condition. */
  async until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const end = performance.now() + DEADLINE_MS
    while (!(await condition())) {
      if (performance.now() > end) throw new Error(`${what} did not come within ${DEADLINE_MS} ms`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Until everything published is committed. */
  settled(): Promise<void> {
    return this.until(async () => {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const { end } = await this.queue.extent('picket.packets', partition)
        if (end > 0 && (await this.store.position(`packets:${partition}`)) !== end) return false
      }
      return true
    }, 'the commit of all messages')
  }
}
