/**
 * Words for people: numbers with thousands, spans of time, bytes, plurals.
 *
 * No Intl: loading its data costs more than the whole report. The form is the same under every
 * locale, since people paste reports to each other.
 */

export function thousands(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`
}

const SPANS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

/** The two largest units that say something: `3 d 2 h`, `41 s`, `0.4 s`. */
export function span(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Number((milliseconds / 1000).toFixed(1))} s`
  let rest = Math.round(milliseconds / 1000)
  const parts: string[] = []
  for (const [unit, seconds] of SPANS) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(0)} KiB`
  if (count < 1024 ** 3) return `${(count / 1024 ** 2).toFixed(0)} MiB`
  return `${(count / 1024 ** 3).toFixed(1)} GiB`
}

/** `vertical_scan` as people say it. */
export function spoken(name: string): string {
  return name.replaceAll('_', ' ')
}
