/**
 * Policy picket's thresholds, under the detector's own names and with its defaults.
 */
import { type Ladder, PICKET_POLICY, type PicketPolicy } from '@picket/detector'
import { z } from 'zod'
import { port, ports, whole } from './values.ts'

const D = PICKET_POLICY

const ladder = (byDefault: Ladder, meaning: string): z.ZodDefault<z.ZodType<Ladder>> => {
  const rung = z.number().int().min(1)
  const rungs: z.ZodType<Ladder> = z
    .tuple([rung, rung, rung, rung, rung])
    .refine((levels) => levels.every((level, at) => at === 0 || level > (levels[at - 1] ?? 0)), {
      message: 'must be five numbers that rise',
    })
  return rungs.default(byDefault).describe(meaning)
}

const EVIDENCE = z
  .strictObject({
    threshold: whole(
      D.evidence.threshold,
      1,
      'With so much a source is scanning: ln 99 = 4.595, less what the parts were rounded by.',
    ),
    ordinary: whole(D.evidence.ordinary, 0, 'A new contact on an ordinary port: three suffice.'),
    common: whole(D.evidence.common, 0, 'On a port that misconfigured neighbours touch: four.'),
    everyday: whole(D.evidence.everyday, 0, 'On a port that honest clients try: eight.'),
    echo: whole(D.evidence.echo, 0, 'An ICMP echo request: five.'),
    protocol: whole(D.evidence.protocol, 0, 'A protocol without ports: five, as psad counts them.'),
    stealth: whole(D.evidence.stealth, 0, 'Flags that no honest stack sends, on whatever port.'),
  })
  .prefault({})
  .describe('What a new contact is worth, in hundredths of nats.')

const BURST = z
  .strictObject({
    minutes: whole(D.burst.minutes, 1, 'The time within which it happens.', 15),
    ports: whole(D.burst.ports, 1, 'So many ports of one host.'),
    icmpHosts: whole(D.burst.icmpHosts, 1, 'Or so many hosts asked by ICMP.'),
  })
  .prefault({})
  .describe('A quick run is a scan whatever the ports.')

const OUTBOUND = z
  .strictObject({
    factor: whole(D.outbound.factor, 1, 'So many times the evidence is needed,'),
    minContacts: whole(D.outbound.minContacts, 1, 'and so many contacts.'),
    browsingPorts: ports(D.outbound.browsingPorts, 'Ports that our own hosts may ask of anybody.'),
  })
  .prefault({})
  .describe('Scans by our own hosts.')

const SUSPECTS = z
  .strictObject({
    portsOfSourcePort: whole(D.suspects.portsOfSourcePort, 1, 'Ports of one host from one source port.'),
    portsInStep: whole(D.suspects.portsInStep, 1, 'Ports of one host in step with the source port.'),
    privilegedPorts: whole(
      D.suspects.privilegedPorts,
      1,
      'Privileged ports of one host, from whatever ports.',
    ),
    hosts: whole(D.suspects.hosts, 1, 'Hosts on one port from one source port.'),
  })
  .prefault({})
  .describe('When ACK and FIN+ACK packets, which may end a forgotten session, are a scan.')

const KINDS = z
  .strictObject({
    verticalPorts: whole(D.kinds.verticalPorts, 1, 'vertical_scan: ports of one host.'),
    sweepHosts: whole(D.kinds.sweepHosts, 1, 'horizontal_sweep: hosts on one port.'),
    sureSweepHosts: whole(D.kinds.sureSweepHosts, 1, 'horizontal_sweep whatever the port.'),
    blockHosts: whole(D.kinds.blockHosts, 1, 'block_scan: so many hosts,'),
    blockPorts: whole(D.kinds.blockPorts, 1, 'so many ports,'),
    blockContacts: whole(D.kinds.blockContacts, 1, 'and so many pairs of them.'),
    slowHours: whole(D.kinds.slowHours, 1, 'slow_scan: hours that it took at least.'),
    stealthContacts: whole(D.kinds.stealthContacts, 1, 'stealth_scan: contacts with such flags.'),
    protocols: whole(D.kinds.protocols, 1, 'protocol_scan: IP protocols.'),
    icmpHosts: whole(D.kinds.icmpHosts, 1, 'icmp_sweep: hosts.'),
  })
  .prefault({})
  .describe('What a scan is called.')

const LEVELS = z
  .strictObject({
    contacts: ladder(D.levels.contacts, 'Contacts at which levels 1 to 5 begin.'),
    hosts: ladder(D.levels.hosts, 'Hosts at which levels 1 to 5 begin; the higher of both levels holds.'),
  })
  .prefault({})
  .describe('Danger levels.')

const TOGETHER = z
  .strictObject({
    sources: whole(D.together.sources, 2, 'So many sources of one /24 (IPv6: /48) on one target.'),
    contacts: whole(
      D.together.contacts,
      2,
      'A source with so many contacts in all is a scanner alone, and counts nothing here.',
      16,
    ),
    chanceExponent: whole(
      D.together.chanceExponent,
      1,
      'Chance would bring so many together in one of 10^n cases.',
      300,
    ),
    priorContacts: whole(
      D.together.priorContacts,
      1,
      'Contacts assumed to have been seen before the first, so that after a start no network has all of them.',
    ),
    overlapPercent: whole(D.together.overlapPercent, 0, 'Mean overlap of two sources, at most.', 100),
    distinctPercent: whole(D.together.distinctPercent, 1, 'Different things touched of all contacts.', 100),
    coveragePercent: whole(D.together.coveragePercent, 1, 'Hosts touched of all seen, on a port.', 100),
    remembered: whole(
      D.together.remembered,
      1_000,
      'Contacts of the last day remembered; beyond that those of the least telling networks go, and are counted.',
    ),
  })
  .prefault({})
  .describe('distributed_scan: when the few contacts of many sources are one scan.')

export const PICKET: z.ZodType<{ readonly name: 'picket' } & PicketPolicy> = z.strictObject({
  name: z.literal('picket').describe('Evidence for each new contact; the default.'),
  evidence: EVIDENCE,
  commonPorts: ports(D.commonPorts, 'Ports of `evidence.common`.'),
  everydayPorts: ports(D.everydayPorts, 'Ports of `evidence.everyday`.'),
  minContacts: whole(D.minContacts, 1, 'With fewer contacts no evidence suffices.'),
  memoryDays: whole(D.memoryDays, 1, 'A contact that is not repeated for so long is forgotten.'),
  burst: BURST,
  outbound: OUTBOUND,
  suspects: SUSPECTS,
  kinds: KINDS,
  levels: LEVELS,
  fadeHours: whole(
    D.fadeHours,
    1,
    'A quiet source falls by a level in each such time; at 0 its incident has ended.',
  ),
  banContacts: whole(D.banContacts, 1, 'Fewer SYN contacts than this could be forged in another’s name.'),
  tracerouteFrom: port(D.tracerouteFrom, 'The lowest UDP port of traceroute.'),
  tracerouteTo: port(D.tracerouteTo, 'The highest.'),
  replyPorts: ports(D.replyPorts, 'UDP service ports above 1023 whose answers may come late.'),
  sensitivePorts: ports(D.sensitivePorts, 'Ports whose probing is worse than that of others, for the score.'),
  together: TOGETHER,
})
