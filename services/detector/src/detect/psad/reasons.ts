/**
 * Why a psad level is what it is, or what is missing to the first: sentences with numbers and psad's own names.
 *
 * Counts of a pair begin anew after a pause, levels stay: a level may be higher than what its hosts show now.
 */
import { printAddress, protocolName } from '@picket/schemas'
import { INVALID_ICMP_LEVEL, kindBit } from './evidence.ts'
import { portsOf } from './incident.ts'
import { climb, hostLadder, packetLadder } from './ladder.ts'
import { nmapOptions } from './nmap.ts'
import { HOST_RUNGS, PACKET_RUNGS, type PsadPolicy } from './policy.ts'
import type { PsadScan } from './psad-scan.ts'
import { runOf } from './run.ts'
import { FIELD, hostOf } from './targets.ts'

const PROTOCOL_SCAN = kindBit('protocol_scan')

export function reasonsOf(scan: PsadScan, policy: PsadPolicy): string[] {
  const reasons = [whyCounted(scan, policy), whySwept(scan, policy), whyInvalid(scan), howSent(scan)]
  if (scan.unfollowed > 0)
    reasons.push(`${scan.unfollowed} packets to further hosts not followed (MAX_SCAN_IP_PAIRS)`)
  return reasons.filter((reason) => reason !== '')
}

function whyCounted(scan: PsadScan, policy: PsadPolicy): string {
  const index = busiest(scan)
  const run = runOf(scan.targets, index)
  const host = printAddress(hostOf(scan.targets, index))
  const facts = `${run.packets} packets to ${host}, ${portsText(run.lowest, run.highest)}, ${run.protocols.length} ${run.protocols.length === 1 ? 'protocol' : 'protocols'}`
  const level = climb(packetLadder(policy), run.packets)
  if (scan.counted > 0 && level > 0) {
    return `level ${scan.counted} by packets: ${facts} (${PACKET_RUNGS[level - 1]} = ${policy[PACKET_RUNGS[level - 1] ?? 'DANGER_LEVEL1']})`
  }
  if (run.packets < policy.DANGER_LEVEL1)
    return `no level by packets: ${facts}; DANGER_LEVEL1 needs ${policy.DANGER_LEVEL1}`
  const span = run.highest < 0 ? run.portless : run.highest - run.lowest
  return `no level by packets: ${facts}; port range ${span}, PORT_RANGE_SCAN_THRESHOLD needs ${policy.PORT_RANGE_SCAN_THRESHOLD}`
}

function whySwept(scan: PsadScan, policy: PsadPolicy): string {
  const { mostHosts, swept } = scan
  const seen = `${mostHosts} ${mostHosts === 1 ? 'host' : 'hosts'} in one CHECK_INTERVAL of ${policy.CHECK_INTERVAL} s`
  if (swept === 0) {
    if (policy.DL1_UNIQUE_HOSTS === 0 || mostHosts < 2) return ''
    return `no level by hosts: ${seen}; DL1_UNIQUE_HOSTS needs ${policy.DL1_UNIQUE_HOSTS}`
  }
  const rung = HOST_RUNGS[climb(hostLadder(policy), mostHosts) - 1] ?? 'DL1_UNIQUE_HOSTS'
  return `level ${swept} by hosts: ${sweepName(scan, policy)} of ${seen} (${rung} = ${policy[rung]})`
}

/** A port sweep when all that was asked for lies within PORT_RANGE_SWEEP_THRESHOLD (psad.md c2, step 5). */
function sweepName(scan: PsadScan, policy: PsadPolicy): string {
  const ports = portsOf(scan.services.services())
  const lowest = Math.min(...[...ports.values()].map((list) => list[0] as number))
  const highest = Math.max(...[...ports.values()].map((list) => list.at(-1) as number))
  if (ports.size === 0 || highest - lowest !== policy.PORT_RANGE_SWEEP_THRESHOLD) return 'sweep'
  const names = [...ports.keys()].map(protocolName).join(' and ')
  return `port sweep for ${names} ${portsText(lowest, highest)}`
}

function whyInvalid(scan: PsadScan): string {
  if (scan.invalidIcmp === 0) return ''
  const shape = scan.invalidIcmpShape
  return `level ${INVALID_ICMP_LEVEL} by ${scan.invalidIcmp} ICMP packets of invalid type or code (type ${shape >> 8} code ${shape & 255})`
}

function howSent(scan: PsadScan): string {
  const options = nmapOptions(scan.techniques, (scan.kinds & PROTOCOL_SCAN) !== 0)
  return options.length === 0 ? '' : `such packets are sent by ${options.join(', ')}`
}

/** The host with the most packets. */
function busiest(scan: PsadScan): number {
  const { words, stride, count } = scan.targets
  let best = 0
  for (let index = 1; index < count; index++) {
    const most = words[best * stride + FIELD.packets] as number
    if ((words[index * stride + FIELD.packets] as number) > most) best = index
  }
  return best
}

function portsText(lowest: number, highest: number): string {
  if (highest < 0) return 'no ports'
  return lowest === highest ? `port ${lowest}` : `ports ${lowest}-${highest}`
}
