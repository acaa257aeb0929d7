/** Notices for tests that cross services: the sample, with what the test is about put in. */

import { type Enrichment, type IncidentNotice, sampleNotice } from '@picket/responder'
import type { Incident } from '@picket/schemas'

const TIME = Date.UTC(2026, 10, 23, 15, 32, 8)

export function noticeOf(
  id: string,
  incident: Partial<Incident> = {},
  enrichment: Partial<Enrichment> = {},
): IncidentNotice {
  const sample = sampleNotice(TIME, id)
  const alert = { ...sample.alert, incident: { ...sample.alert.incident, ...incident } }
  return { ...sample, kind: 'incident', alert, enrichment: { ...sample.enrichment, ...enrichment } }
}

/** Text as only an enemy writes it. */
export const HOSTILE =
  'x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script><img src="https://evil.example/p.gif">\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u2028</pre></td>"\'&<!channel>`'
