/** An alert for tests, with what the test is about put in. */
import type { Alert, Incident } from '@picket/schemas'

const INCIDENT: Incident = {
  id: '0123456789abcdef',
  source: '203.0.113.9',
  members: [],
  target: null,
  prefix: '203.0.113.9/32',
  kinds: ['vertical_scan', 'stealth_scan'],
  level: 3,
  score: 80,
  firstSeen: Date.UTC(2026, 10, 23, 15, 32, 4),
  lastSeen: Date.UTC(2026, 10, 23, 15, 32, 8),
  packets: 120,
  contacts: 100,
  hosts: ['10.0.0.5'],
  hostCount: 1,
  reporters: ['web1'],
  ports: { tcp: '1-100' },
  portCount: 100,
  protocols: [6],
  techniques: ['syn'],
  attack: ['T1595.001'],
  tool: null,
  os: null,
  signatures: [],
  bannable: true,
  reasons: ['level 3 by 100 contacts on 1 host'],
}

export function alertOf(incident: Partial<Incident>): Alert {
  return {
    id: 'fedcba9876543210',
    revision: 2,
    rose: ['level'],
    time: INCIDENT.lastSeen,
    incident: { ...INCIDENT, ...incident },
  }
}
