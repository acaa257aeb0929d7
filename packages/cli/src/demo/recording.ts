/**
 * The recording: real scans and real noise, captured between network namespaces, that ship with Picket.
 *
 * Each capture was made at another time of day. They are moved into the last minutes, as if all of it
 * had happened just now; nothing but the stamp at the head of a line is touched.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../demo/', import.meta.url))
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** `Nov 23 15:32:04`: the BSD stamp is fifteen bytes (RFC 3164 4.1.2). */
const STAMP = 15
const DAY_MS = 86_400_000

export interface RecordedLine {
  readonly time: number
  readonly line: string
}

/** The captures, and how many seconds ago each one ended. */
const CAPTURES = [
  ['nmap-slow-15s.log', 0],
  ['benign-late-dns.log', 40],
  ['nmap-syn-1000.log', 75],
  ['nmap-horizontal-23.log', 160],
  ['nmap-fin.log', 215],
] as const

/** All lines in the order of their moved times; the last one is of `now`. */
export function recordedLines(now: number): RecordedLine[] {
  return CAPTURES.flatMap(([name, secondsAgo]) =>
    moved(readFileSync(`${FOLDER}${name}`, 'utf8'), now - secondsAgo * 1000),
  ).sort((a, b) => a.time - b.time)
}

function moved(text: string, end: number): RecordedLine[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const times = lines.map(timeOfDay)
  const last = times.reduce((latest, time) => Math.max(latest, time), 0)
  return lines.map((line, at) => {
    const time = end - (last - (times[at] ?? last))
    return { time, line: `${bsdStamp(time)}${line.slice(STAMP)}` }
  })
}

/** ms since midnight: no capture runs over it. */
function timeOfDay(line: string): number {
  return Date.parse(`1970-01-01T${line.slice(7, STAMP)}Z`) % DAY_MS
}

/** In UTC, which the demo's guard is told to read them in. */
export function bsdStamp(time: number): string {
  const date = new Date(time)
  const day = String(date.getUTCDate()).padStart(2)
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)}`
}
