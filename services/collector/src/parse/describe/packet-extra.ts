/**
 * Packet extra: whose process sent a packet, and its mark, which the kernel writes at the very end of a line.
 *
 * Most lines have neither, and a look at their last token tells; so this may run for every packet.
 */
import type { Packet } from '@picket/schemas'

/** -1 where the line does not say. */
export interface OwnerAndMark {
  readonly uid: number
  readonly gid: number
  readonly mark: number
}

const SPACE = 32
/** UID=, GID= and MARK= are the last three, in this order. */
const TOKENS = 3
const KEYS = { UID: 'uid', GID: 'gid', MARK: 'mark' } as const

/** Undefined where the line has none of them. */
export function ownerAndMark(packet: Packet): OwnerAndMark | undefined {
  const { line, body } = packet
  let end = body.end
  let found: { uid: number; gid: number; mark: number } | undefined
  for (let i = 0; i < TOKENS; i++) {
    while (end > body.start && line[end - 1] === SPACE) end--
    const start = line.lastIndexOf(SPACE, end - 1) + 1
    if (start <= body.start || !mayBeOurs(line[start])) return found
    const [key = '', value = ''] = textOf(line, start, end).split('=')
    if (!isKey(key)) return found
    found ??= { uid: -1, gid: -1, mark: -1 }
    found[KEYS[key]] = numberOf(key, value)
    end = start
  }
  return found
}

function isKey(key: string): key is keyof typeof KEYS {
  return key in KEYS
}

function numberOf(key: keyof typeof KEYS, value: string): number {
  if (key === 'MARK') return /^0x[\da-f]{1,8}$/i.test(value) ? Number.parseInt(value, 16) : -1
  return /^\d{1,10}$/.test(value) ? Number(value) : -1
}

/** U, G or M. */
function mayBeOurs(first: number | undefined): boolean {
  return first === 85 || first === 71 || first === 77
}

function textOf(line: Uint8Array, start: number, end: number): string {
  return Buffer.from(line.buffer, line.byteOffset + start, end - start).toString('latin1')
}
