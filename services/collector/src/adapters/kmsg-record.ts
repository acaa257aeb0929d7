/**
 * One record of /dev/kmsg: `priority,sequence,microseconds,flags;text\n`, then ` KEY=VALUE\n` lines.
 *
 * Only the first line is kept. The text's own newlines come escaped (`\x0a`), so a logged prefix cannot
 * begin a line of its own here (Documentation/ABI/testing/dev-kmsg).
 */
import { readSync } from 'node:fs'

const LINE_END = 10
const COMMA = 44

export interface KmsgRecord {
  readonly sequence: number
  /** Bytes of its first line, with the line end. */
  readonly length: number
}

/** Reads the next record to `into[at…]`; undefined when there is none at the moment. */
export function nextRecord(fd: number, into: Uint8Array, at: number): KmsgRecord | undefined {
  for (;;) {
    const length = readRecord(fd, into, at)
    if (length === 0) return undefined
    if (length < 0) continue
    const end = into.indexOf(LINE_END, at)
    const lineEnd = end < 0 || end >= at + length ? at + length : end
    into[lineEnd] = LINE_END
    const sequence = sequenceOf(into, at, lineEnd)
    if (sequence >= 0) return { sequence, length: lineEnd + 1 - at }
  }
}

/** 0: none; -1: overrun, the next read goes on with the oldest that is left. */
function readRecord(fd: number, into: Uint8Array, at: number): number {
  try {
    return readSync(fd, into, at, into.length - at - 1, null)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    if (code === 'EPIPE') return -1
    throw error
  }
}

/** The number between the first two commas; -1 where there is none. */
function sequenceOf(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes.indexOf(COMMA, start) + 1
  if (at === 0 || at >= end) return -1
  let sequence = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48
    if (digit < 0 || digit > 9) break
    sequence = sequence * 10 + digit
  }
  return bytes[at] === COMMA ? sequence : -1
}
