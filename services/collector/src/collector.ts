/**
 * Collector: the process of one host of a fleet, from its log's lines to acknowledged batches.
 *
 * What is read stays in memory until everything is sealed together with the cursor behind it; only whole chunks are
 * sealed, as only their ends are places to go on from. So a kill at any moment loses and doubles nothing: either the
 * seal is in the spool, or the lines are read again.
 */
import { failpoint, type Health, type Metrics, type Queue } from '@picket/runtime'
import { Batcher } from './adapters/batcher.ts'
import { Heartbeats, type Saying } from './adapters/heartbeats.ts'
import { headOf } from './adapters/input-head.ts'
import { LineReader } from './adapters/line-reader.ts'
import type { Chunk, LogSource, Position } from './adapters/log-source.ts'
import { Publisher } from './adapters/publisher.ts'
import { RecentLines } from './adapters/recent-lines.ts'
import { RunningSources } from './adapters/running-sources.ts'
import type { Spool } from './adapters/spool/spool.ts'
import type { CollectorSettings, SourceSettings } from './config.ts'
import type { CollectorEvents } from './events.ts'
import type { SpoolEvents } from './spool-events.ts'

export interface CollectorParts {
  readonly settings: CollectorSettings
  readonly spool: Spool
  readonly queue: Queue
  readonly events: CollectorEvents
  readonly spoolEvents: SpoolEvents
  readonly metrics: Metrics
}

const DRAIN_MS = 6_000
const LAST_BEAT_MS = 1_000
/** Lines that were no packets move the cursor too, but need not do so quickly. */
const CURSOR_MS = 1_000

export class Collector {
  readonly #settings: CollectorSettings
  readonly #spool: Spool
  readonly #queue: Queue
  readonly #events: CollectorEvents
  readonly #spoolEvents: SpoolEvents
  readonly #publisher: Publisher
  readonly #batcher: Batcher
  readonly #heartbeats: Heartbeats
  readonly #sources: RunningSources
  readonly #positions: Map<string, Position>
  readonly #readers: Map<string, LineReader> = new Map()
  /** What was read since the last seal, by source. */
  readonly #moved: Map<string, RecentLines> = new Map()
  #timer: NodeJS.Timeout | undefined
  #isReady = false

  constructor({ settings, spool, queue, events, spoolEvents, metrics }: CollectorParts) {
    const { topics, reporter, site, version } = settings
    this.#settings = settings
    this.#spool = spool
    this.#queue = queue
    this.#events = events
    this.#spoolEvents = spoolEvents
    this.#positions = new Map(spool.positions)
    this.#batcher = new Batcher({
      partitions: topics.partitions,
      limits: settings.batch,
      reporter,
      site,
      agent: spool.agent,
      reserve: (partition) => spool.reserve(partition),
    })
    const deadLetters = `${settings.spool.path}/dead-letters`
    const publishing = { topic: topics.packets, partitions: topics.partitions, deadLetters }
    this.#publisher = new Publisher(publishing, spool, queue, spoolEvents)
    const beating = {
      topic: topics.receipts,
      partitions: topics.receiptPartitions,
      everyMs: settings.heartbeatSeconds * 1000,
      instance: spool.agent,
      reporter,
      version,
    }
    this.#heartbeats = new Heartbeats(
      beating,
      () => this.#publisher.producer,
      spoolEvents,
      () => this.#say(),
    )
    this.#sources = new RunningSources(events, this.#positions, (source, chunk) =>
      this.#onChunk(source, chunk),
    )
    spool.onDurable = () => this.#publisher.wake()
    spool.onHeld = () => this.#onHeld()
    events.watch(metrics, () => this.#sources.all)
    spoolEvents.watch(metrics, spool, settings.spool.maxBytes, () => this.#batcher.folded)
  }

  async start(): Promise<void> {
    this.#publisher.start()
    try {
      await this.#sources.become(this.#settings.sources)
    } catch (error) {
      await this.#end()
      throw error
    }
    // Where reading begins must not move, even if no packet ever comes.
    this.#seal()
    this.#heartbeats.start()
    this.#isReady = true
    void this.#publisher.opened.then(() => this.#heartbeats.beat('running'))
  }

  get agent(): string {
    return this.#spool.agent
  }

  /** Batches that are durable and that the broker does not have. */
  get backlog(): number {
    return this.#spool.backlog.batches
  }

  /** What the broker has. */
  get publishedPackets(): number {
    return this.#spoolEvents.publishedPackets
  }

  get sources(): readonly LogSource[] {
    return this.#sources.all
  }

  get haveSourcesEnded(): boolean {
    return this.#sources.haveEnded
  }

  /** Resolves when going on would do harm. */
  get failed(): Promise<Error> {
    return this.#publisher.failed
  }

  /** Other sources; the rest of the settings holds until the next start. */
  async useSources(sources: readonly SourceSettings[]): Promise<void> {
    await this.#sources.become(sources)
    this.#seal()
  }

  #onChunk(source: string, chunk: Chunk): void {
    const head = headOf(source, Date.now(), chunk)
    this.#positions.set(source, chunk.position)
    this.#readerFor(source).read(head, chunk.bytes, this.#events.counts, (packet, isTimed) =>
      this.#batcher.add(packet, isTimed),
    )
    this.#movedOf(source).add(head, chunk.bytes)
    failpoint('collector.read')
    if (this.#batcher.isPlenty) this.#seal()
    else this.#timer ??= setTimeout(() => this.#seal(), this.#waitMs)
  }

  get #waitMs(): number {
    return this.#batcher.isEmpty ? CURSOR_MS : this.#settings.batch.ageMs
  }

  #readerFor(source: string): LineReader {
    const known = this.#readers.get(source)
    if (known !== undefined) return known
    const reader = new LineReader(this.#settings, this.#spool.recent(source))
    this.#readers.set(source, reader)
    return reader
  }

  #movedOf(source: string): RecentLines {
    const known = this.#moved.get(source)
    if (known !== undefined) return known
    const lines = new RecentLines()
    this.#moved.set(source, lines)
    return lines
  }

  /** Everything that was read, in one piece. What cannot be written waits, and sources with it. */
  #seal(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#spool.isHeld || this.#moved.size === 0) return
    const sources = [...this.#moved.keys()]
    const positions = Object.fromEntries(sources.map((name) => [name, this.#positions.get(name) ?? {}]))
    const lines = [...this.#moved.values()].flatMap(({ all }) => all)
    const batches = this.#batcher.seal()
    this.#moved.clear()
    this.#spoolEvents.sealed += batches.length
    this.#spool.append({ kind: 'seal', positions, batches, lines })
    this.#foldAsNeeded()
  }

  #foldAsNeeded(): void {
    const isHard = this.#spool.isNearlyFull
    if (isHard === this.#batcher.foldsHarder) return
    this.#batcher.foldsHarder = isHard
    this.#spoolEvents.foldingHarder(isHard)
  }

  #onHeld(): void {
    this.#sources.hold(this.#spool.isHeld)
    if (!this.#spool.isHeld) this.#seal()
  }

  healthy(): Health {
    const reasons = this.sources.flatMap((source) => {
      const { state, detail } = source.status()
      return state === 'failed' ? [`source ${source.name}: ${detail}`] : []
    })
    if (this.#spool.fault !== undefined) reasons.push(`spool: ${this.#spool.fault.message}`)
    if (this.#publisher.fault !== undefined) reasons.push(this.#publisher.fault.message)
    return { ok: reasons.length === 0, reasons }
  }

  /** Ready without a broker: what it collects is safe in the spool. */
  ready(): Health {
    return { ok: this.#isReady, reasons: this.#isReady ? [] : ['starting'] }
  }

  #say(): Saying {
    const { counts, missed } = this.#events
    const { oldest, backlog } = this.#spool
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0)
    const lost = Object.values(this.#spoolEvents.lost)
    const failing =
      this.#spoolEvents.failing ?? (this.#queue.reachable() ? undefined : 'no broker can be reached')
    const full = this.#spool.isNearlyFull ? ['the spool is nearly full'] : []
    return {
      faults: [...this.healthy().reasons, ...full, ...(failing === undefined ? [] : [failing])],
      numbers: {
        lines: counts.lines,
        packets: counts.packets,
        unparsed: sum(Object.values(counts.unparsed)),
        spoolBytes: backlog.bytes,
        spoolBatches: backlog.batches,
        spoolOldestSeconds: oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest) / 1000),
        lost: sum(Object.values(missed)) + sum(lost.map(({ packets }) => packets)),
        droppedBatches: sum(lost.map(({ batches }) => batches)),
        publishedBatches: this.#spoolEvents.published,
      },
    }
  }

  /** Reads no more, seals what was read, and sends what can be sent; the rest stays in the spool. */
  async stop(): Promise<void> {
    this.#isReady = false
    this.#heartbeats.stop()
    await this.#sources.stop()
    this.#seal()
    await this.#spool.settled()
    await this.#publisher.drain(DRAIN_MS)
    await Promise.race([this.#heartbeats.beat('stopping'), after(LAST_BEAT_MS)])
    await this.#end()
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#publisher.stop()
    await this.#spool.close()
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
