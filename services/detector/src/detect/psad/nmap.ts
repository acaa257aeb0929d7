/**
 * The nmap option that sends packets of a technique, as psad's alerts name it.
 *
 * URG PSH SYN FIN is one of nmap's OS probes and only here a technique of its own: elsewhere it is `odd`.
 */
import { FIN, type Packet, PSH, SYN, URG } from '@picket/schemas'
import { CLASSIC_FLAGS, TECHNIQUE, techniqueNames, techniqueOf } from '../technique.ts'

/** Bit in `PsadScan.techniques`, above all of TECHNIQUES. */
const OS_PROBE = 1 << 24
const OS_PROBE_FLAGS = URG | PSH | SYN | FIN

const OPTIONS: readonly (readonly [number, string])[] = [
  [1 << TECHNIQUE.syn, '-sT or -sS'],
  [1 << TECHNIQUE.fin, '-sF'],
  [1 << TECHNIQUE.null, '-sN'],
  [1 << TECHNIQUE.xmas, '-sX'],
  [1 << TECHNIQUE.ack, '-sA or -sW'],
  [1 << TECHNIQUE.maimon, '-sM'],
  [1 << TECHNIQUE.udp, '-sU'],
  [1 << TECHNIQUE.protocol, '-sO'],
  [OS_PROBE, '-O'],
]

export function techniqueBit(packet: Packet): number {
  const technique = techniqueOf(packet)
  const isOsProbe = technique === TECHNIQUE.odd && (packet.flags & CLASSIC_FLAGS) === OS_PROBE_FLAGS
  return isOsProbe ? (1 << technique) | OS_PROBE : 1 << technique
}

/** Names for the incident. A single packet of GRE is no protocol scan, so that technique is for the kind to name. */
export function namesOf(techniques: number, isProtocolScan: boolean): string[] {
  return techniqueNames(named(techniques, isProtocolScan) & ~OS_PROBE)
}

export function nmapOptions(techniques: number, isProtocolScan: boolean): string[] {
  const bits = named(techniques, isProtocolScan)
  return OPTIONS.filter(([bit]) => (bits & bit) !== 0).map(([, option]) => `nmap ${option}`)
}

function named(techniques: number, isProtocolScan: boolean): number {
  const protocol = 1 << TECHNIQUE.protocol
  return isProtocolScan ? techniques | protocol : techniques & ~protocol
}
