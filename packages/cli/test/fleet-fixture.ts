/** What a responder knows of a small fleet in which not all is well. */
import type { Process } from '@picket/responder'
import type { FleetIncident, FleetView } from '@picket/responder/main'
import type { IncidentRecord } from '@picket/schemas/messages'
import { SCAN } from './report-fixture.ts'

export const NOW: number = Date.UTC(2026, 10, 24, 3, 0, 30)

const incident = (part: Partial<IncidentRecord>): IncidentRecord => ({
  ...SCAN,
  firstSeen: Date.parse(SCAN.firstSeen),
  lastSeen: Date.parse(SCAN.lastSeen),
  ...part,
})

const found = (part: Partial<IncidentRecord>, partOf?: string): FleetIncident => ({
  incident: incident(part),
  partOf,
  told: null,
  decisions: [],
})

const process = (part: Partial<Process>): Process => ({
  service: 'collector',
  instance: 'a1',
  reporter: 'web1',
  version: '0.1.0',
  lastHeard: NOW - 2_000,
  aheadMs: 0,
  started: NOW - 3_600_000,
  everyMs: 10_000,
  hasStopped: false,
  faults: [],
  numbers: {},
  toldBlind: false,
  ...part,
})

const MEMBERS = ['198.51.100.1', '198.51.100.2', '198.51.100.3']

export const VIEW: FleetView = {
  now: NOW,
  listeningSince: NOW - 3_600_000,
  instance: '4711@centre',
  version: '0.1.0',
  started: NOW - 3_600_000,
  health: { ok: true, reasons: [] },
  alertsWaiting: 0,
  incidents: [
    found(
      { id: '2'.repeat(16), source: '198.51.100.1', prefix: '198.51.100.1/32', level: 1, score: 20 },
      '1'.repeat(16),
    ),
    found({}),
    found({
      id: '1'.repeat(16),
      source: null,
      members: MEMBERS,
      target: 'tcp/22',
      prefix: 'tcp/22',
      kinds: ['distributed_scan'],
      level: 3,
      score: 70,
      reporters: ['web1', 'web2'],
      ports: { tcp: '22' },
      portCount: 1,
      reasons: ['3 sources share 40 hosts that nobody else asked'],
    }),
  ],
  totals: {
    batches: 321,
    packets: 2_143,
    from: Date.UTC(2026, 10, 23, 15, 32, 4),
    to: Date.UTC(2026, 10, 24, 3),
    observed: { probe: 2_000, ignored: 12, reply: 131 },
    protocols: { tcp: 2_100, udp: 43 },
    sources: { '203.0.113.9': 1_994, '198.51.100.1': 40 },
    ports: { 'tcp/22': 44, 'tcp/80': 2 },
    prefixes: { 'DROP ': 2_143 },
    reporters: { web1: 2_000, web2: 140, printer: 3 },
    missing: 2,
    repeated: 1,
    late: 4,
    ahead: 5,
  },
  processes: [
    process({ numbers: { spoolBytes: 4_096 } }),
    process({ service: 'enforcer' }),
    process({
      instance: 'a2',
      reporter: 'web2',
      lastHeard: NOW - 95_000,
      aheadMs: -7_200_000,
      version: '0.0.9',
    }),
    process({ instance: 'a3', reporter: 'old1', lastHeard: NOW - 86_400_000, hasStopped: true }),
    process({
      service: 'detector',
      instance: '12@centre',
      reporter: 'centre',
      faults: ['the store is slow'],
    }),
    process({ service: 'responder', instance: '4711@centre', reporter: 'centre' }),
  ],
  backlogs: [
    { topic: 'packets', records: 1_200, since: NOW - 4_000 },
    { topic: 'contacts', records: 7, since: null },
    { topic: 'alerts', records: 0, since: null },
    { topic: 'receipts', records: 0, since: null },
  ],
}
