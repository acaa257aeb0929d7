/**
 * Replay: writes the recorded lines to a growing log file within a few seconds.
 *
 * Half of the pace follows the stamps and half the number of lines, so that neither a burst of a
 * thousand lines nor a quiet minute is all there is to see.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { RecordedLine } from './recording.ts'

const PLAY_MS = 4_500
const TICK_MS = 20

/** Resolves, with the time on the monotonic clock, when all lines are written. */
export async function replay(
  file: string,
  lines: readonly RecordedLine[],
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now()
  const due = dueTimes(lines)
  let next = 0
  while (next < lines.length && !signal.aborted) {
    const elapsed = (performance.now() - began) / PLAY_MS
    const from = next
    while (next < lines.length && (due[next] ?? 0) <= elapsed) next++
    if (next > from)
      appendFileSync(
        file,
        lines
          .slice(from, next)
          .map(({ line }) => `${line}\n`)
          .join(''),
      )
    await delay(TICK_MS)
  }
  return performance.now()
}

/** When each line is due: from 0, the beginning, to 1, the end. */
export function dueTimes(lines: readonly RecordedLine[]): number[] {
  const first = lines[0]?.time ?? 0
  const lasted = Math.max((lines.at(-1)?.time ?? 0) - first, 1)
  return lines.map(({ time }, at) => (at / lines.length + (time - first) / lasted) / 2)
}
