/**
 * Nearest: the name that was probably meant, for "did you mean …?".
 *
 * Restricted edit distance over lower case; a name that differs in more than a third is no suggestion.
 */

export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let rows: Rows = { beforeLast: [], last: Array.from({ length: b.length + 1 }, (_, at) => at) }
  for (let i = 1; i <= a.length; i++) rows = { beforeLast: rows.last, last: nextRow(a, b, i, rows) }
  return rows.last[b.length] ?? a.length
}

interface Rows {
  readonly beforeLast: readonly number[]
  readonly last: readonly number[]
}

function nextRow(a: string, b: string, i: number, { beforeLast, last }: Rows): number[] {
  const row = [i]
  for (let j = 1; j <= b.length; j++) {
    const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
    const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
    const swap = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : change
    row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change, swap))
  }
  return row
}
