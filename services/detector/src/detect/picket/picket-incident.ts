/**
 * The incident as it stands: a scan told in the words of the report. Cold; made when somebody is told.
 */
import { type DangerLevel, type Incident, printAddress, printId, protocolName } from '@picket/schemas'
import { printPorts } from '../port-ranges.ts'
import { addressOf, prefixOf, reportersOf } from '../scan.ts'
import { isPrivate, isSpecial } from '../special-address.ts'
import { techniqueNames } from '../technique.ts'
import { reachOf } from './first-contact.ts'
import { kindNames } from './judge.ts'
import type { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import type { Reach } from './reach.ts'
import { reasonsOf, sayReason } from './reasons.ts'
import { scoreOf } from './score.ts'

type PortsOfProtocol = readonly [proto: number, ports: readonly number[]]

export function incidentOf(scan: PicketScan, classes: PortClasses): Incident {
  const reach = reachOf(scan, classes)
  // In one order always: alert ids are taken over the text.
  const ports = [...reach.ports()].sort(([a], [b]) => a - b)
  const address = addressOf(scan)
  const kinds = kindNames(scan.kinds)
  return {
    id: printId(scan.idHigh, scan.idLow),
    source: printAddress(address),
    members: [],
    target: null,
    prefix: prefixOf(scan),
    kinds,
    level: scan.level as DangerLevel,
    score: score(scan, reach, kinds.length, ports, classes),
    firstSeen: scan.firstSeen,
    lastSeen: scan.lastSeen,
    packets: scan.packets,
    contacts: reach.size,
    hosts: reach.hosts(),
    hostCount: reach.hostCount,
    reporters: reportersOf(scan),
    ports: Object.fromEntries(ports.map(([proto, list]) => [protocolName(proto), printPorts(list)])),
    portCount: reach.portCount,
    protocols: reach.protocols(),
    techniques: techniqueNames(scan.techniques),
    attack: attackIds(scan, reach),
    tool: null,
    os: null,
    signatures: [],
    bannable: isBannable(scan, reach, classes),
    reasons: reasonsOf(scan, classes).map(sayReason),
  }
}

function score(
  scan: PicketScan,
  reach: Reach,
  kinds: number,
  ports: readonly PortsOfProtocol[],
  classes: PortClasses,
): number {
  return scoreOf({
    evidence: reach.evidence,
    hosts: reach.hostCount,
    ports: reach.portCount,
    kinds,
    touchesSensitivePort: ports.some(([, list]) => list.some((port) => classes.isSensitive(port))),
    isOutbound: scan.isOutward,
  })
}

/**
 * MITRE ATT&CK: T1595.001 is scanning of address blocks from outside, before any access; T1046 and T1018 (of
 * services, of hosts) are what somebody does who is already inside.
 */
function attackIds(scan: PicketScan, reach: Reach): string[] {
  if (!scan.isOutward && !isPrivate(addressOf(scan))) return ['T1595.001']
  return reach.isSweep || reach.isIcmpSweep ? ['T1018', 'T1046'] : ['T1046']
}

/** A ban must not hit our own machines, nor somebody in whose name a few packets were forged. */
function isBannable(scan: PicketScan, reach: Reach, classes: PortClasses): boolean {
  if (scan.isOutward || isSpecial(addressOf(scan))) return false
  return reach.synContacts >= classes.policy.banContacts
}
