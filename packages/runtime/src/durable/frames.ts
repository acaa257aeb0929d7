/**
 * Frames: how records stand in a journal file.
 *
 * `length u32 | CRC-32 of the payload u32 | payload`, little endian. A length of 0 is no frame: a file
 * system may leave zeroes behind a crash, and the CRC of nothing is 0, so zeroes would read as records.
 */
import { closeSync, ftruncateSync, openSync, readSync, writevSync } from 'node:fs'
import { crc32 } from './crc32.ts'

export const FRAME_HEADER_BYTES = 8
/** Far above any record we write (a chunk of lines is at most 256 KiB): larger is damage. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

/** Appends one frame whose payload is the parts in a row; returns its bytes. Throws if it did not fit wholly. */
export function appendFrame(fd: number, parts: readonly Uint8Array[]): number {
  const header = new Uint8Array(FRAME_HEADER_BYTES)
  let length = 0
  let crc = 0
  for (const part of parts) {
    length += part.length
    crc = crc32(part, crc)
  }
  const fields = new DataView(header.buffer)
  fields.setUint32(0, length, true)
  fields.setUint32(4, crc, true)
  const total = FRAME_HEADER_BYTES + length
  const written = writevSync(fd, [header, ...parts])
  if (written < total) throw shortWrite(written, total)
  return total
}

function shortWrite(written: number, total: number): Error {
  return Object.assign(new Error(`wrote ${written} of ${total} bytes: no space left`), { code: 'ENOSPC' })
}

/** Where the whole frames of a file end, and whether anything stands behind them. */
export interface FramesEnd {
  readonly wholeBytes: number
  readonly tornBytes: number
}

/** Reads the frames of a file in order; the generator's return value tells where the whole ones end. */
export function* readFrames(path: string): Generator<Uint8Array, FramesEnd> {
  const fd = openSync(path, 'r')
  try {
    const header = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES))
    let at = 0
    for (;;) {
      const payload = frameAt(fd, at, header)
      if (payload === undefined) return { wholeBytes: at, tornBytes: restOf(fd, at) }
      yield payload
      at += FRAME_HEADER_BYTES + payload.length
    }
  } finally {
    closeSync(fd)
  }
}

function frameAt(fd: number, at: number, header: DataView): Uint8Array | undefined {
  if (readFully(fd, new Uint8Array(header.buffer), at) < FRAME_HEADER_BYTES) return undefined
  const length = header.getUint32(0, true)
  if (length === 0 || length > MAX_PAYLOAD_BYTES) return undefined
  const payload = new Uint8Array(length)
  if (readFully(fd, payload, at + FRAME_HEADER_BYTES) < length) return undefined
  return crc32(payload) === header.getUint32(4, true) ? payload : undefined
}

function readFully(fd: number, into: Uint8Array, at: number): number {
  let have = 0
  while (have < into.length) {
    const got = readSync(fd, into, have, into.length - have, at + have)
    if (got === 0) break
    have += got
  }
  return have
}

function restOf(fd: number, at: number): number {
  const probe = new Uint8Array(64 * 1024)
  let rest = 0
  for (;;) {
    const got = readSync(fd, probe, 0, probe.length, at + rest)
    if (got === 0) return rest
    rest += got
  }
}

/** Cuts a file back to its whole frames. */
export function cutBack(path: string, wholeBytes: number): void {
  const fd = openSync(path, 'r+')
  try {
    ftruncateSync(fd, wholeBytes)
  } finally {
    closeSync(fd)
  }
}
