/** The sample notice of `picket notify test`: an example network's scan, with something in every part that a channel can show. */
import type { Alert, Evidence } from '@picket/schemas'
import { NOTHING_KNOWN } from './enrichment.ts'
import { type IncidentNotice, incidentNotice } from './notice.ts'

const SOURCE = '203.0.113.9'
const HOST = '192.0.2.10'

/** `nonce` tells one test from another, so that no receiver takes the second for a repeat. */
export function sampleNotice(time: number, nonce: string): IncidentNotice {
  return incidentNotice({
    kind: 'sample',
    alert: sampleAlert(time, nonce),
    time,
    decision: {
      outcome: 'would-ban',
      subject: SOURCE,
      seconds: 3_600,
      hosts: [],
      reasons: ['This is a test: nobody was scanned, and nobody is banned.'],
    },
    enrichment: {
      ...NOTHING_KNOWN,
      reverseName: 'scanner.example.net',
      country: 'ZZ',
      asn: 64_496,
      asName: 'EXAMPLE-AS',
      network: 'TEST-NET-3',
      range: '203.0.113.0 - 203.0.113.255',
      abuse: 'abuse@example.net',
    },
  })
}

function sampleAlert(time: number, nonce: string): Alert {
  const id = `sample${nonce}`
  return {
    id,
    revision: 1,
    rose: ['opened', 'level', 'kinds'],
    time,
    incident: {
      id,
      source: SOURCE,
      members: [],
      target: null,
      prefix: `${SOURCE}/32`,
      kinds: ['vertical_scan'],
      level: 3,
      score: 62,
      firstSeen: time - 4_000,
      lastSeen: time,
      packets: 100,
      contacts: 100,
      hosts: [HOST],
      hostCount: 1,
      reporters: ['web1'],
      ports: { tcp: '1-100' },
      portCount: 100,
      protocols: [6],
      techniques: ['syn'],
      attack: ['T1046'],
      tool: null,
      os: null,
      signatures: [],
      bannable: true,
      reasons: [
        'This is a sample: "picket notify test" was asked for it.',
        'level 3: 100 contacts on 1 host',
      ],
    },
    evidence: [22, 23, 25].map((port) => packetTo(port, time)),
  }
}

function packetTo(port: number, time: number): Evidence {
  const numbers = { proto: 6, spt: 54_609, dpt: port, flags: 2, icmpType: -1, icmpCode: -1, len: 44, ttl: 41 }
  return { time, reporter: 'web1', prefix: 'DROP ', src: SOURCE, dst: HOST, ...numbers }
}
