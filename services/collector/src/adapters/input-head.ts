/**
 * Input head: what is known of a chunk of lines beside the lines, in a form that survives JSON.
 *
 * It holds all that reading a line depends on from outside of it, so that the same lines under the same head
 * give the same packets, also after a restart.
 */
import type { Chunk, Position } from './log-source.ts'

export interface InputHead {
  /** Name of the source. */
  readonly source: string
  /** When the lines arrived (ms): the year of stamps without one, the time of lines without any. */
  readonly arrival: number
  readonly input: number
  readonly offset: number
  readonly position: Position
  /** Null for NaN, which JSON has not. */
  readonly bootTime: number | null
}

export function headOf(source: string, arrival: number, chunk: Chunk): InputHead {
  const { input, offset, position, bootTime } = chunk
  return { source, arrival, input, offset, position, bootTime: Number.isNaN(bootTime) ? null : bootTime }
}
