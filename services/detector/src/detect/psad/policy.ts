/**
 * The settings of policy psad, under psad's own names and with its defaults (psad.conf of 2.4.6).
 *
 * Y and N are true and false here. Numbers that psad calls levels count packets of one source to one host;
 * the UNIQUE_HOSTS count hosts of one source in one CHECK_INTERVAL.
 */
import type { RuleSettings } from '../rules/rules.ts'

export interface PsadPolicy {
  readonly DANGER_LEVEL1: number
  readonly DANGER_LEVEL2: number
  readonly DANGER_LEVEL3: number
  readonly DANGER_LEVEL4: number
  readonly DANGER_LEVEL5: number
  /** 0 switches the rung off; DL1 switches all of them off. */
  readonly DL1_UNIQUE_HOSTS: number
  readonly DL2_UNIQUE_HOSTS: number
  readonly DL3_UNIQUE_HOSTS: number
  readonly DL4_UNIQUE_HOSTS: number
  readonly DL5_UNIQUE_HOSTS: number
  /** Least (highest - lowest) destination port: 1 is two different ports. */
  readonly PORT_RANGE_SCAN_THRESHOLD: number
  /** The range (compared for equality) at which hosts in number are called a port sweep. */
  readonly PORT_RANGE_SWEEP_THRESHOLD: number
  readonly PROTOCOL_SCAN_THRESHOLD: number
  /** Seconds of event time; psad's polls, aligned to 1970. */
  readonly CHECK_INTERVAL: number
  /** Seconds from the last packet of a pair until its counts begin anew; psad counts from the first. */
  readonly SCAN_TIMEOUT: number
  /** Scans never expire. */
  readonly ENABLE_PERSISTENCE: boolean
  /** Hosts that are followed of one source; 0 is MOST_HOSTS. psad counts over all sources. */
  readonly MAX_SCAN_IP_PAIRS: number
  /** A level below is not reached at all. */
  readonly MIN_DANGER_LEVEL: number
  /** TCP packets with ACK or RST are not looked at. */
  readonly IGNORE_CONNTRACK_BUG_PKTS: boolean
  readonly ENABLE_IPV6_DETECTION: boolean
  /** false: only packets whose log prefix holds one of FW_MSG_SEARCH. */
  readonly FW_SEARCH_ALL: boolean
  /** Regular expressions. */
  readonly FW_MSG_SEARCH: readonly string[]
  readonly IGNORE_PORTS: string
  readonly IGNORE_PROTOCOLS: string
  readonly IGNORE_INTERFACES: string
  readonly IGNORE_LOG_PREFIXES: string
  readonly HOME_NET: string
}

export const PSAD_POLICY: PsadPolicy = {
  DANGER_LEVEL1: 5,
  DANGER_LEVEL2: 15,
  DANGER_LEVEL3: 150,
  DANGER_LEVEL4: 1500,
  DANGER_LEVEL5: 10_000,
  DL1_UNIQUE_HOSTS: 10,
  DL2_UNIQUE_HOSTS: 20,
  DL3_UNIQUE_HOSTS: 50,
  DL4_UNIQUE_HOSTS: 100,
  DL5_UNIQUE_HOSTS: 500,
  PORT_RANGE_SCAN_THRESHOLD: 1,
  PORT_RANGE_SWEEP_THRESHOLD: 0,
  PROTOCOL_SCAN_THRESHOLD: 5,
  CHECK_INTERVAL: 5,
  SCAN_TIMEOUT: 3600,
  ENABLE_PERSISTENCE: false,
  MAX_SCAN_IP_PAIRS: 0,
  MIN_DANGER_LEVEL: 1,
  IGNORE_CONNTRACK_BUG_PKTS: true,
  ENABLE_IPV6_DETECTION: true,
  FW_SEARCH_ALL: true,
  FW_MSG_SEARCH: ['DROP'],
  IGNORE_PORTS: 'NONE',
  IGNORE_PROTOCOLS: 'NONE',
  IGNORE_INTERFACES: 'NONE',
  IGNORE_LOG_PREFIXES: 'NONE',
  HOME_NET: 'any',
}

/** Memory is bounded although psad's default is not: a source that met so many hosts has been level 5 for long. */
export const MOST_HOSTS = 65_536

/** What the psad settings say about traffic in the words of the rules, to be compiled with all other rules. */
export function psadRuleSettings(policy: PsadPolicy): RuleSettings {
  return {
    homeNet: policy.HOME_NET === 'any' ? [] : policy.HOME_NET.split(',').map((network) => network.trim()),
    ignore: {
      ports: [policy.IGNORE_PORTS],
      protocols: [policy.IGNORE_PROTOCOLS],
      interfaces: [policy.IGNORE_INTERFACES],
      prefixes: [policy.IGNORE_LOG_PREFIXES],
    },
  }
}

export interface PolicyFault {
  readonly name: keyof PsadPolicy
  readonly reason: string
}

/** What a schema cannot see: ladders must rise, and expressions must compile. */
export function checkPsadPolicy(policy: PsadPolicy): PolicyFault[] {
  const faults = [...checkLadder(policy, PACKET_RUNGS), ...checkLadder(policy, HOST_RUNGS)]
  for (const text of policy.FW_MSG_SEARCH) {
    try {
      new RegExp(text)
    } catch (error) {
      const reason = `"${text}" is no regular expression: ${(error as Error).message}`
      faults.push({ name: 'FW_MSG_SEARCH', reason })
    }
  }
  return faults
}

export const PACKET_RUNGS = [
  'DANGER_LEVEL1',
  'DANGER_LEVEL2',
  'DANGER_LEVEL3',
  'DANGER_LEVEL4',
  'DANGER_LEVEL5',
] as const

export const HOST_RUNGS = [
  'DL1_UNIQUE_HOSTS',
  'DL2_UNIQUE_HOSTS',
  'DL3_UNIQUE_HOSTS',
  'DL4_UNIQUE_HOSTS',
  'DL5_UNIQUE_HOSTS',
] as const

function checkLadder(policy: PsadPolicy, rungs: typeof PACKET_RUNGS | typeof HOST_RUNGS): PolicyFault[] {
  const faults: PolicyFault[] = []
  let below = 0
  for (const name of rungs) {
    if (policy[name] === 0) continue
    if (policy[name] <= below)
      faults.push({ name, reason: `${policy[name]} is not above the level before it` })
    below = policy[name]
  }
  return faults
}
