/**
 * Subject: the address or prefix that a ban is about, in its one spelling.
 *
 * Everything that reaches a firewall's tool was printed from numbers by this file: a text that only looks like an address cannot.
 */
import { isV4Prefix, type Prefix, parsePrefix, printPrefix, V4_BITS } from '@picket/schemas'

export interface Subject {
  /** Canonical. */
  readonly text: string
  readonly prefix: Prefix
  readonly family: 4 | 6
  /** One address, no network. */
  readonly isHost: boolean
  /** 0 to 32 or 0 to 128, as people write it. */
  readonly length: number
}

/** Undefined when the text is no address or prefix in canonical spelling. */
export function readSubject(text: string): Subject | undefined {
  const prefix = parsePrefix(text)
  if (prefix === undefined || printPrefix(prefix) !== text) return undefined
  return subjectOf(prefix)
}

export function subjectOf(prefix: Prefix): Subject {
  const family = isV4Prefix(prefix) ? 4 : 6
  const length = family === 4 ? prefix.bits - V4_BITS : prefix.bits
  return { text: printPrefix(prefix), prefix, family, isHost: prefix.bits === 128, length }
}

/** Whether all of `inner` lies within `outer`. */
export function covers(outer: Subject, inner: Subject): boolean {
  if (outer.family !== inner.family || outer.prefix.bits > inner.prefix.bits) return false
  for (let i = 0; i < 4; i++) {
    const keep = Math.min(outer.prefix.bits - i * 32, 32)
    if (keep <= 0) return true
    const difference = (outer.prefix.address[i] as number) ^ (inner.prefix.address[i] as number)
    if ((difference & (-1 << (32 - keep))) !== 0) return false
  }
  return true
}
