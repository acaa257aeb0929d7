/**
 * Events of the collector: the only place where it logs or counts.
 *
 * What happens per line is a plain number that the metrics read when they are scraped; what happens
 * seldom is also a log line.
 */
import type { ByLabel, Logger, Metrics } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import type { LogSource, SourceStatus } from './adapters/log-source.ts'
import { UNPARSED_REASONS } from './parse/outcome.ts'

/** Counted by the loop that reads lines: nothing here may cost more than an addition. */
export interface LineCounts {
  lines: number
  packets: number
  repeats: number
  readonly unparsed: Record<string, number>
}

/** By source name. */
type BySource = Record<string, number>

export class CollectorEvents {
  readonly counts: LineCounts
  readonly rotations: BySource = {}
  readonly truncations: BySource = {}
  readonly missed: BySource = {}
  readonly tooLong: BySource = {}
  readonly failures: BySource = {}
  readonly #log: Logger

  constructor(log: Logger, metrics: Metrics, sources: readonly string[]) {
    this.#log = log
    const unparsed = Object.fromEntries(UNPARSED_REASONS.map((reason) => [reason, 0]))
    this.counts = { lines: 0, packets: 0, repeats: 0, unparsed }
    for (const name of sources) this.#expect(name)
    this.#register(metrics)
  }

  #expect(name: string): void {
    for (const counts of [this.rotations, this.truncations, this.missed, this.tooLong, this.failures]) {
      counts[name] = 0
    }
  }

  #register(metrics: Metrics): void {
    const { counts } = this
    const by = (name: string, help: string, read: () => ByLabel): void =>
      metrics.counterBy(`picket_collector_${name}_total`, help, 'source', read)
    metrics.counter('picket_collector_lines_total', 'Lines read.', () => counts.lines)
    metrics.counter('picket_collector_packets_total', 'Packets parsed from lines.', () => counts.packets)
    metrics.counter(
      'picket_collector_repeats_total',
      'Packets that several rules logged, after the first.',
      () => counts.repeats,
    )
    metrics.counterBy(
      'picket_collector_unparsed_total',
      'Lines that are no packet, by reason.',
      'reason',
      () => counts.unparsed,
    )
    by('rotations', 'Log files left for their successor.', () => this.rotations)
    by('truncations', 'Log files that were cut or replaced in place.', () => this.truncations)
    by('missed_records', 'Kernel records overwritten before they were read.', () => this.missed)
    by('long_lines', 'Lines passed over as they exceed 64 KiB.', () => this.tooLong)
    by('source_failures', 'Times that a source could not be read.', () => this.failures)
  }

  /** What the sources say of themselves, read when somebody scrapes. */
  watch(metrics: Metrics, sources: () => readonly LogSource[]): void {
    const by = (read: (status: SourceStatus) => number) => (): ByLabel =>
      Object.fromEntries(sources().map((source) => [source.name, read(source.status())]))
    metrics.gaugeBy(
      'picket_collector_source_behind_bytes',
      'Bytes that are there and not yet read.',
      'source',
      by(({ behindBytes }) => behindBytes),
    )
    metrics.gaugeBy(
      'picket_collector_source_open',
      '1 while the source can be read.',
      'source',
      by(({ state }) => (state === 'open' ? 1 : 0)),
    )
  }

  sourceOpened(name: string, where: string): void {
    this.#log.info({ source: name }, `reading ${safeText(where)}`)
  }

  sourceWaiting(name: string, where: string): void {
    this.#log.warn({ source: name }, `${safeText(where)} does not exist yet; reading begins when it appears`)
  }

  sourceRotated(name: string, from: string, to: string): void {
    count(this.rotations, name)
    this.#log.info({ source: name }, `${safeText(from)} is read to its end, going on with ${safeText(to)}`)
  }

  sourceTruncated(name: string, path: string, copyFound: boolean): void {
    count(this.truncations, name)
    const rest = copyFound
      ? 'what was not read yet is read from its copy'
      : 'lines that were written just before the cut may be lost'
    this.#log.warn({ source: name }, `${safeText(path)} was truncated or replaced; ${rest}`)
  }

  sourceRotatedAway(name: string, path: string): void {
    count(this.truncations, name)
    this.#log.warn(
      { source: name },
      `the file last read as ${safeText(path)} is gone or compressed: what was written to it since is lost`,
    )
  }

  sourceFailed(name: string, error: Error): void {
    count(this.failures, name)
    this.#log.error({ source: name, err: error }, 'the source cannot be read; tried again by and by')
  }

  recordsMissed(name: string, records: number): void {
    count(this.missed, name, records)
    this.#log.warn({ source: name, records }, 'the kernel overwrote records before they were read')
  }

  linesTooLong(name: string, lines: number): void {
    count(this.tooLong, name, lines)
  }

  writerConnected(name: string): void {
    this.#log.info({ source: name }, 'a writer has connected')
  }

  writerLeft(name: string): void {
    this.#log.warn({ source: name }, 'the writer has left; waiting for the next')
  }
}

function count(counts: BySource, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by
}
