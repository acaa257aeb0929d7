/**
 * Criterion: a protocol and a range of destination ports, written as psad writes them (`tcp/1-1024`, `udp`).
 *
 * Without ports it fits every packet of the protocol, also one whose ports are unknown (fragments, truncated
 * headers); with ports it never fits those.
 */
import { protocolName, protocolNumber } from '@picket/schemas'

export interface Criterion {
  readonly proto: number
  /** -1 when any port will do, known or not. */
  readonly from: number
  readonly to: number
}

/** How many ports it spans: the smaller, the more specific. */
export function widthOf(criterion: Criterion): number {
  return criterion.to - criterion.from + 1
}

export function fits(criterion: Criterion, proto: number, port: number): boolean {
  return criterion.proto === proto && port >= criterion.from && port <= criterion.to
}

/** Reads one criterion, or says why not. */
export function parseCriterion(text: string): Criterion | string {
  const [name = '', ports] = text.split('/', 2)
  const proto = protocolNumber(name.trim())
  if (proto < 0) return `"${name}" is no IP protocol; write a name such as tcp or a number up to 255`
  if (ports === undefined) return { proto, from: -1, to: MAX_PORT }
  const range = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(ports)
  if (range === null) return `"${text}" has no readable ports; write ${name}/22 or ${name}/1-1024`
  const from = Number(range[1])
  const to = Number(range[2] ?? range[1])
  if (to > MAX_PORT) return `port ${to} is above ${MAX_PORT}`
  return from <= to ? { proto, from, to } : `the range ${from}-${to} runs backwards`
}

export function printCriterion(criterion: Criterion): string {
  const name = protocolName(criterion.proto)
  if (criterion.from < 0) return name
  return criterion.from === criterion.to
    ? `${name}/${criterion.from}`
    : `${name}/${criterion.from}-${criterion.to}`
}

/** Reads a comma list; psad's NONE, and nothing at all, is an empty one. */
export function splitList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '' && part !== 'NONE')
}

const MAX_PORT = 65_535
