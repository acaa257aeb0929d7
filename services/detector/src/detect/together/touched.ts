/** Touched: told of every part of the state that changes, so that a store is given these parts and no others. */
import type { GroupKey, HostKey, TargetKey } from './keys.ts'

export interface Touched {
  group(group: GroupKey): void
  target(target: TargetKey): void
  host(host: HostKey): void
  /** The contact at this place of a slice. */
  waiting(slice: number, at: number): void
  /** A slice that held so many is folded. */
  folded(slice: number, held: number): void
}

export const UNTOUCHED: Touched = {
  group: () => undefined,
  target: () => undefined,
  host: () => undefined,
  waiting: () => undefined,
  folded: () => undefined,
}
