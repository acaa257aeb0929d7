/** Notices for tests, with what the test is about put in. */
import type { Evidence, Incident } from '@picket/schemas'
import {
  type Enrichment,
  type IncidentNotice,
  incidentNotice,
  type Measure,
  NOTHING_KNOWN,
} from '../../src/index.ts'
import { alertOf } from '../alerts.ts'

export const PACKET: Evidence = {
  time: Date.UTC(2026, 10, 23, 15, 32, 4),
  reporter: 'web1',
  prefix: 'DROP ',
  src: '203.0.113.9',
  dst: '10.0.0.5',
  proto: 6,
  spt: 54_609,
  dpt: 22,
  flags: 2,
  icmpType: -1,
  icmpCode: -1,
  len: 44,
  ttl: 41,
}

export const WOULD_BAN: Measure = {
  outcome: 'would-ban',
  subject: '203.0.113.9',
  seconds: 3_600,
  hosts: [],
  reasons: ['level 3 is banned for an hour'],
}

export interface Put {
  readonly incident?: Partial<Incident>
  readonly id?: string
  readonly kind?: IncidentNotice['kind']
  readonly evidence?: readonly Evidence[]
  readonly decision?: Measure
  readonly enrichment?: Partial<Enrichment>
  readonly console?: string
}

export function noticeOf(put: Put = {}): IncidentNotice {
  const { incident = {}, id, kind, evidence = [PACKET], decision = WOULD_BAN, enrichment = {} } = put
  const alert = alertOf(incident)
  return incidentNotice({
    alert: { ...alert, id: id ?? alert.id, evidence },
    time: alert.time,
    decision,
    enrichment: { ...NOTHING_KNOWN, ...enrichment },
    console: put.console,
    ...(kind === undefined ? {} : { kind }),
  })
}

/** Text as only an enemy writes it. */
export const HOSTILE =
  'x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script><img src="https://evil.example/p.gif">\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u2028</pre></td>"\'&<!channel>`'
