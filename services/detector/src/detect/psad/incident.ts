/** The incident of a psad scan. Cold: what psad shows of a source is added up from its hosts here. */
import {
  compareAddresses,
  type DangerLevel,
  type Incident,
  KINDS,
  printAddress,
  printId,
  protocolName,
} from '@picket/schemas'
import { printPorts } from '../port-ranges.ts'
import { addressOf, prefixOf, reportersOf } from '../scan.ts'
import { isPrivate, isSpecial } from '../special-address.ts'
import { TECHNIQUE } from '../technique.ts'
import { kindBit } from './evidence.ts'
import { namesOf } from './nmap.ts'
import { contactsOf, type PsadScan } from './psad-scan.ts'
import { portOfService, protocolOfService } from './service-set.ts'
import { hostOf } from './targets.ts'

/** The lowest addresses are listed, so that order does not matter. */
const MOST_LISTED_HOSTS = 256

export function incidentOf(scan: PsadScan, reasons: readonly string[]): Incident {
  const services = scan.services.services()
  const ports = portsOf(services)
  const kinds = KINDS.filter((kind) => (scan.kinds & kindBit(kind)) !== 0)
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
    contacts: contactsOf(scan),
    hosts: hostsOf(scan),
    hostCount: scan.targets.count,
    reporters: reportersOf(scan),
    ports: Object.fromEntries([...ports].map(([proto, list]) => [protocolName(proto), printPorts(list)])),
    portCount: services.filter((service) => portOfService(service) >= 0).length,
    protocols: [...new Set(services.map(protocolOfService))],
    techniques: namesOf(scan.techniques, kinds.includes('protocol_scan')),
    attack: attackIds(scan, kinds.includes('horizontal_sweep')),
    tool: null,
    os: null,
    signatures: [],
    bannable: isBannable(scan),
    reasons,
  }
}

function hostsOf(scan: PsadScan): string[] {
  const hosts = Array.from({ length: scan.targets.count }, (_, index) => hostOf(scan.targets, index))
  return hosts.sort(compareAddresses).slice(0, MOST_LISTED_HOSTS).map(printAddress)
}

/** By protocol, ascending. */
export function portsOf(services: readonly number[]): Map<number, number[]> {
  const ports = new Map<number, number[]>()
  for (const service of services) {
    const port = portOfService(service)
    const proto = protocolOfService(service)
    if (port < 0) continue
    const list = ports.get(proto)
    if (list === undefined) ports.set(proto, [port])
    else list.push(port)
  }
  return ports
}

/** MITRE ATT&CK: scanning of address blocks from outside, or of services and hosts by somebody already inside. */
function attackIds(scan: PsadScan, isSweep: boolean): string[] {
  if (scan.level === 0) return []
  if (!isPrivate(addressOf(scan))) return ['T1595.001']
  return isSweep ? ['T1018', 'T1046'] : ['T1046']
}

/** psad blocks whom it finds, but never itself; packets that need no answer to be of use are forged too easily. */
function isBannable(scan: PsadScan): boolean {
  return !isSpecial(addressOf(scan)) && (scan.techniques & (1 << TECHNIQUE.syn)) !== 0
}
