/**
 * Analysis: files in, everything the report says out.
 *
 * read → parse → repeats → filter → judge + totals. The judge and the totals see the same packets, in
 * event time; what a filter leaves out is as if it had not been logged.
 */
import { Detector, type LocalTogether, withoutMembers, worstFirst } from '@picket/detector'
import { type Incident, type Packet, type Prefix, prefixContains } from '@picket/schemas'
import { type Judging, togetherFor } from '../judging.ts'
import type { Input } from './inputs.ts'
import {
  InputReader,
  type OnChunk,
  type PacketSink,
  type ReadSettings,
  readInputs,
  type SecondThread,
} from './reading.ts'
import { Totals } from './totals.ts'

export interface Filter {
  /** ms; -Infinity and Infinity where not given. */
  readonly from: number
  readonly to: number
  readonly source: Prefix | undefined
}

export const NO_FILTER: Filter = {
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
  source: undefined,
}

export function passes(filter: Filter, packet: Packet): boolean {
  if (packet.time < filter.from || packet.time >= filter.to) return false
  return filter.source === undefined || prefixContains(filter.source, packet.src)
}

export interface AnalysisRequest {
  readonly inputs: readonly Input[]
  readonly reading: ReadSettings
  readonly judging: Judging
  readonly filter: Filter
  /** Given when a second thread is to read and parse. */
  readonly second?: SecondThread | undefined
}

/** Sources remembered by the judge: a file is finite, so far more than the live default. */
const MAX_SOURCES = 1_000_000

export class Analysis implements PacketSink {
  readonly judging: Judging
  readonly detector: Detector
  readonly together: LocalTogether | undefined
  readonly totals: Totals = new Totals()
  readonly leavesLines = true
  /** Packets that the filter left out. */
  leftOut = 0
  readonly #filter: Filter | undefined

  constructor({ judging, filter }: AnalysisRequest) {
    this.judging = judging
    this.together = togetherFor(judging.method)
    this.detector = new Detector({
      method: judging.method,
      rules: judging.rules,
      maxSources: MAX_SOURCES,
      ...(this.together === undefined ? {} : { onContact: this.together.onContact }),
    })
    this.#filter = filter === NO_FILTER ? undefined : filter
  }

  packet(packet: Packet): void {
    if (this.#filter !== undefined && !passes(this.#filter, packet)) {
      this.leftOut += packet.count
      return
    }
    this.totals.add(packet, this.detector.observe(packet))
  }

  /** Of one source and of many, the worst first. Call it when all packets are read. */
  incidents(): Incident[] {
    if (this.together === undefined) return this.detector.incidents()
    this.together.flush()
    return withoutMembers(this.detector.incidents(), this.together.incidents()).sort(worstFirst)
  }
}

export async function analyze(
  request: AnalysisRequest,
  onChunk: OnChunk,
): Promise<{ readonly analysis: Analysis; readonly readers: readonly InputReader[] }> {
  const analysis = new Analysis(request)
  const readers = request.inputs.map((input) => new InputReader(input, request.reading))
  await readInputs(readers, analysis, onChunk, request.second)
  return { analysis, readers }
}
