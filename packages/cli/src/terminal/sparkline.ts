/**
 * Sparkline: counts over time in one row of block characters.
 *
 * A column with any packet shows at least the lowest block, so that a lone probe of a slow scan is
 * never lost beside a burst; only an empty column is blank.
 */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** Joins neighbouring counts until at most `columns` are left. */
export function squeeze(counts: readonly number[], columns: number): number[] {
  const each = Math.ceil(counts.length / columns)
  if (each <= 1) return [...counts]
  const squeezed: number[] = []
  for (let at = 0; at < counts.length; at += each) {
    squeezed.push(counts.slice(at, at + each).reduce((sum, count) => sum + count, 0))
  }
  return squeezed
}

export function sparkline(counts: readonly number[]): string {
  const peak = counts.reduce((most, count) => Math.max(most, count), 0)
  return counts.map((count) => block(count, peak)).join('')
}

function block(count: number, peak: number): string {
  if (count <= 0) return ' '
  return BLOCKS[Math.min(Math.floor((count / peak) * BLOCKS.length), BLOCKS.length - 1)] ?? ' '
}
