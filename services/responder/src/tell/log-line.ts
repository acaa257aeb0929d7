/** A notice as one line for syslog, the journal and people who read logs. */

import { measureSentence } from './action-section.ts'
import { alertLine } from './alert-line.ts'
import { plainTime } from './instant.ts'
import type { Notice } from './notice.ts'
import { headline } from './words.ts'

export function noticeLine(notice: Notice): string {
  if (!('alert' in notice)) return `${plainTime(notice.time)} ${headline(notice)}`
  const line = `${notice.kind === 'incident' ? '' : `${notice.kind}: `}${alertLine(notice.alert)}`
  return notice.kind === 'resolve' ? line : `${line}. ${measureSentence(notice.decision)}`
}
