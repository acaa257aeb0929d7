/**
 * Stage numbers: sums and differences of what stages count, so that a counter of the process only ever rises.
 *
 * A partition's own totals go with it to its next owner; a process counts what it saw itself, also of partitions it has given up.
 */
import { OBSERVATIONS } from '../detect/observation.ts'
import type { StageNumbers } from './stage.ts'

export const NO_NUMBERS: StageNumbers = {
  sources: 0,
  evicted: 0,
  late: 0,
  ahead: 0,
  missing: 0,
  repeated: 0,
  replayed: 0,
  forgotten: 0,
  observed: Object.fromEntries(OBSERVATIONS.map((name) => [name, 0])),
}

export function addNumbers(a: StageNumbers, b: StageNumbers): StageNumbers {
  return combined(a, b, 1)
}

/** What has been counted since `before`. */
export function numbersSince(before: StageNumbers, now: StageNumbers): StageNumbers {
  return combined(now, before, -1)
}

function combined(a: StageNumbers, b: StageNumbers, sign: 1 | -1): StageNumbers {
  const observed: Record<string, number> = { ...a.observed }
  for (const [name, count] of Object.entries(b.observed))
    observed[name] = (observed[name] ?? 0) + sign * count
  return {
    sources: a.sources + sign * b.sources,
    evicted: a.evicted + sign * b.evicted,
    late: a.late + sign * b.late,
    ahead: a.ahead + sign * b.ahead,
    missing: a.missing + sign * b.missing,
    repeated: a.repeated + sign * b.repeated,
    replayed: a.replayed + sign * b.replayed,
    forgotten: a.forgotten + sign * b.forgotten,
    observed,
  }
}
