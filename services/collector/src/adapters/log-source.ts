/**
 * The port of everything that log lines come from.
 *
 * A source delivers whole lines together with the position behind them, and can be opened at a position
 * that it once gave. Its first chunk is empty: it says where reading begins, so that a kill before the
 * first line does not move the beginning. Delivery is synchronous: when `deliver` returns, the lines are
 * taken and their memory may be used again.
 */

/** Where to go on reading. Opaque to all but the source that made it; survives JSON. */
export type Position = Readonly<Record<string, string | number>>

export interface Chunk {
  /** Whole lines, each with its `\n`. */
  readonly bytes: Uint8Array
  /** Which file or stream: the same number after every restart. */
  readonly input: number
  /** Of the first byte in that file or stream. */
  readonly offset: number
  /** Behind the last line. */
  readonly position: Position
  /** When the kernel that wrote the lines was started, in ms; NaN where the lines do not need it. */
  readonly bootTime: number
}

export type Deliver = (chunk: Chunk) => void

export interface SourceStatus {
  /** `waiting`: for its file to appear or its writer to connect; `failed`: tried again by and by. */
  readonly state: 'starting' | 'open' | 'waiting' | 'failed' | 'ended'
  /** In words, for a person; '' when open. */
  readonly detail: string
  /** What is known to be there and not yet read. */
  readonly behindBytes: number
}

export interface LogSource {
  readonly name: string
  /** Rejects with SourceError where waiting cannot help. */
  start(from: Position | undefined, deliver: Deliver): Promise<void>
  status(): SourceStatus
  /**
   * Deliver nothing for a while, as what was delivered cannot be kept. Who can be read later waits in place; the
   * kernel's ring cannot, and counts what it overwrites.
   */
  hold(isHeld: boolean): void
  /** When it resolves, nothing more is delivered. */
  stop(): Promise<void>
}

/** The outside is not as a source needs it; the message says what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

export function textAt(position: Position | undefined, key: string): string | undefined {
  const value = position?.[key]
  return typeof value === 'string' ? value : undefined
}

export function numberAt(position: Position | undefined, key: string): number | undefined {
  const value = position?.[key]
  return typeof value === 'number' ? value : undefined
}
