/**
 * The files that a log file has been renamed to, oldest first, and the file itself last.
 *
 * Rotation does not change a file's time of last writing, and the files were written one after the other,
 * so that time is their order. A rotation that runs meanwhile would show one file twice and another
 * never: the folder is looked at until two looks agree.
 */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

export interface LogFile {
  readonly path: string
  readonly dev: number
  readonly ino: number
  readonly mtimeMs: number
  readonly size: number
}

/** The longest chain of files that could be looked at while they move. */
const LOOKS = 20

export function filesOf(path: string): LogFile[] {
  let before = ''
  for (let look = 0; ; look++) {
    const files = lookAt(path)
    const now = files.map((file) => `${file.path}:${file.dev}:${file.ino}`).join('|')
    if (now === before || look === LOOKS) return files
    before = now
  }
}

function lookAt(path: string): LogFile[] {
  const folder = dirname(path)
  const rotated = namesIn(folder)
    .filter((name) => isRotatedName(name, basename(path)))
    .map((name) => fileAt(join(folder, name)))
    .filter((file) => file !== undefined)
    .sort(byAge)
  const live = fileAt(path)
  return live === undefined ? rotated : [...rotated.filter((file) => !isSame(file, live)), live]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function fileAt(path: string): LogFile | undefined {
  try {
    const { dev, ino, mtimeMs, size } = statSync(path)
    return { path, dev, ino, mtimeMs, size }
  } catch {
    return undefined
  }
}

export function isSame(a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean {
  return a.ino === b.ino && a.dev === b.dev
}

/** `kern.log.1`, `kern.log-20261123`, `kern.log.old` and, by logrotate's `extension`, `kern-20261123.log`. */
function isRotatedName(name: string, live: string): boolean {
  if (/\.(gz|xz|zst|bz2|lz4|tmp)$/.test(name)) return false
  if (isNumbered(name, live)) return true
  const extension = extname(live)
  if (extension === '' || !name.endsWith(extension)) return false
  return isNumbered(name.slice(0, -extension.length), live.slice(0, -extension.length))
}

function isNumbered(name: string, live: string): boolean {
  return name.startsWith(live) && /^[-._](\d[-.\dT:_]*|old|0)$/.test(name.slice(live.length))
}

function byAge(a: LogFile, b: LogFile): number {
  return (
    a.mtimeMs - b.mtimeMs || rotationNumber(b.path) - rotationNumber(a.path) || (a.path < b.path ? -1 : 1)
  )
}

/** `.2` is older than `.1`; a date is no such number. */
function rotationNumber(path: string): number {
  const number = /\.(\d{1,4})$/.exec(path)?.[1]
  return number === undefined ? 0 : Number(number)
}
