/**
 * Policy psad's settings under psad's own names, so that a psad.conf carries over value by value.
 *
 * Defaults are the detector's. psad's Y and N are taken as well as true and false.
 */
import { PSAD_POLICY, type PsadPolicy } from '@picket/detector'
import { z } from 'zod'
import { seconds, whole, yesNo } from './values.ts'

const D = PSAD_POLICY

const packets = (level: 1 | 2 | 3 | 4 | 5): z.ZodDefault<z.ZodNumber> =>
  whole(D[`DANGER_LEVEL${level}`], 1, `Packets of one source to one host at which level ${level} begins.`)

const hosts = (level: 1 | 2 | 3 | 4 | 5): z.ZodDefault<z.ZodNumber> =>
  whole(
    D[`DL${level}_UNIQUE_HOSTS`],
    0,
    `Hosts in one CHECK_INTERVAL at which level ${level} begins; 0 is off.`,
  )

const list = (byDefault: string, meaning: string): z.ZodDefault<z.ZodString> =>
  z.string().default(byDefault).describe(meaning)

export const PSAD: z.ZodType<{ readonly name: 'psad' } & PsadPolicy> = z.strictObject({
  name: z.literal('psad').describe('psad’s formulas and thresholds, without its faults.'),
  DANGER_LEVEL1: packets(1),
  DANGER_LEVEL2: packets(2),
  DANGER_LEVEL3: packets(3),
  DANGER_LEVEL4: packets(4),
  DANGER_LEVEL5: packets(5),
  DL1_UNIQUE_HOSTS: hosts(1),
  DL2_UNIQUE_HOSTS: hosts(2),
  DL3_UNIQUE_HOSTS: hosts(3),
  DL4_UNIQUE_HOSTS: hosts(4),
  DL5_UNIQUE_HOSTS: hosts(5),
  PORT_RANGE_SCAN_THRESHOLD: whole(
    D.PORT_RANGE_SCAN_THRESHOLD,
    0,
    'Least distance from the lowest to the highest port; 1 is two ports.',
  ),
  PORT_RANGE_SWEEP_THRESHOLD: whole(
    D.PORT_RANGE_SWEEP_THRESHOLD,
    0,
    'The distance at which many hosts are called a port sweep.',
  ),
  PROTOCOL_SCAN_THRESHOLD: whole(
    D.PROTOCOL_SCAN_THRESHOLD,
    1,
    'Different IP protocols that are a protocol scan.',
  ),
  CHECK_INTERVAL: seconds(D.CHECK_INTERVAL, 'Seconds of event time in which hosts are counted.'),
  SCAN_TIMEOUT: seconds(D.SCAN_TIMEOUT, 'Seconds without a packet after which counts begin anew.'),
  ENABLE_PERSISTENCE: yesNo(D.ENABLE_PERSISTENCE, 'Scans never expire.'),
  MAX_SCAN_IP_PAIRS: whole(
    D.MAX_SCAN_IP_PAIRS,
    0,
    'Hosts that are followed of one source; 0 is the built-in bound.',
  ),
  MIN_DANGER_LEVEL: whole(D.MIN_DANGER_LEVEL, 1, 'A level below is not reached at all.', 5),
  IGNORE_CONNTRACK_BUG_PKTS: yesNo(
    D.IGNORE_CONNTRACK_BUG_PKTS,
    'TCP packets with ACK or RST are not looked at.',
  ),
  ENABLE_IPV6_DETECTION: yesNo(D.ENABLE_IPV6_DETECTION, 'IPv6 packets are judged.'),
  FW_SEARCH_ALL: yesNo(
    D.FW_SEARCH_ALL,
    'Every firewall line counts; N: only prefixes that hold one of FW_MSG_SEARCH.',
  ),
  FW_MSG_SEARCH: z
    .array(z.string())
    .default([...D.FW_MSG_SEARCH])
    .describe('Regular expressions for FW_SEARCH_ALL: N.'),
  IGNORE_PORTS: list(D.IGNORE_PORTS, 'Destination ports: `tcp/61000-61356, udp/53`.'),
  IGNORE_PROTOCOLS: list(D.IGNORE_PROTOCOLS, 'Names or numbers.'),
  IGNORE_INTERFACES: list(D.IGNORE_INTERFACES, 'Interfaces.'),
  IGNORE_LOG_PREFIXES: list(D.IGNORE_LOG_PREFIXES, 'A regular expression found in the log prefix.'),
  HOME_NET: list(D.HOME_NET, 'Our own networks, by comma; `any` is none in particular.'),
})
