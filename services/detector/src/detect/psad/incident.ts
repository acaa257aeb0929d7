/** The incident of a psad scan. Cold: what psad shows per source is added up from its hosts here. */
import { type DangerLevel, type Incident, KINDS, printAddress, protocolName } from '@picket/schemas'
import { printId } from '../hash.ts'
import { addressOf, prefixOf, reportersOf } from '../scan.ts'
import { ContactSet } from './contact-set.ts'
import { kindBit } from './evidence.ts'
import { namesOf } from './nmap.ts'
import type { PsadScan } from './psad-scan.ts'

/** The lowest addresses are listed, so that order does not matter. */
const MOST_LISTED_HOSTS = 256
/** MITRE ATT&CK: active scanning, and of IP blocks. */
const ACTIVE_SCANNING = 'T1595'
const SCANNING_IP_BLOCKS = 'T1595.001'

export function incidentOf(scan: PsadScan, reasons: readonly string[]): Incident {
  const ranges = contactRanges(scan)
  const kinds = KINDS.filter((kind) => (scan.kinds & kindBit(kind)) !== 0)
  const isSweep = kinds.includes('horizontal_sweep')
  return {
    id: printId(scan.idHigh, scan.idLow),
    source: printAddress(addressOf(scan)),
    members: [],
    target: null,
    prefix: prefixOf(scan),
    kinds,
    level: scan.level as DangerLevel,
    score: scan.level * 20,
    firstSeen: scan.firstSeen,
    lastSeen: scan.lastSeen,
    packets: scan.packets,
    contacts: scan.targets.list.reduce((sum, target) => sum + target.contacts.size, 0),
    hosts: hostsOf(scan),
    hostCount: scan.targets.list.length,
    reporters: reportersOf(scan),
    ports: portsOf(ranges),
    portCount: portCount(ranges),
    protocols: protocolsOf(ranges),
    techniques: namesOf(scan.techniques, kinds.includes('protocol_scan')),
    attack: scan.kinds === 0 ? [] : [isSweep ? SCANNING_IP_BLOCKS : ACTIVE_SCANNING],
    tool: null,
    os: null,
    signatures: [],
    bannable: false,
    reasons,
  }
}

function hostsOf(scan: PsadScan): string[] {
  const hosts = scan.targets.list.map((target) =>
    Uint32Array.of(target.word0, target.word1, target.word2, target.word3),
  )
  hosts.sort((a, b) => byWords(a, b))
  return hosts.slice(0, MOST_LISTED_HOSTS).map((words) => printAddress(Int32Array.from(words)))
}

function byWords(a: Uint32Array, b: Uint32Array): number {
  const at = a.findIndex((word, i) => word !== b[i])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}

/** Of all hosts together: [protocol, first, last, …]. */
export function contactRanges(scan: PsadScan): number[] {
  const [only] = scan.targets.list
  if (only !== undefined && scan.targets.list.length === 1) return only.contacts.ranges()
  const all = new ContactSet()
  for (const target of scan.targets.list) all.addRanges(target.contacts.ranges())
  return all.ranges()
}

/** By protocol name: `22,80,1000-1500`. */
function portsOf(ranges: readonly number[]): Record<string, string> {
  const ports: Record<string, string> = {}
  for (const [proto, first, last] of portRanges(ranges)) {
    const name = protocolName(proto)
    const text = first === last ? String(first) : `${first}-${last}`
    ports[name] = ports[name] === undefined ? text : `${ports[name]},${text}`
  }
  return ports
}

function portCount(ranges: readonly number[]): number {
  return portRanges(ranges).reduce((sum, [, first, last]) => sum + last - first + 1, 0)
}

/** The ranges that are ports, one by one. */
export function portRanges(ranges: readonly number[]): [number, number, number][] {
  const ports: [number, number, number][] = []
  for (let i = 0; i + 2 < ranges.length; i += 3) {
    const first = ranges[i + 1] as number
    const last = Math.min(ranges[i + 2] as number, 65_535)
    if (first <= last) ports.push([ranges[i] as number, first, last])
  }
  return ports
}

function protocolsOf(ranges: readonly number[]): number[] {
  return [...new Set(ranges.filter((_, i) => i % 3 === 0))]
}
