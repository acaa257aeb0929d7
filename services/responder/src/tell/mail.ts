/**
 * A mail from a notice: subject, twins, and the headers that thread it and keep robots from answering.
 *
 * The Message-ID is made from the notice's id, so a mail that is sent twice is one mail to whoever compares.
 */
import { safeText } from '@picket/schemas'
import { mailHtml } from './mail-html.ts'
import { mailText } from './mail-text.ts'
import type { Notice } from './notice.ts'
import { levelOf } from './severity.ts'
import { headline } from './words.ts'

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** With angle brackets. */
  readonly messageId: string
  /** The first mail of the story. */
  readonly inReplyTo?: string
  readonly headers: Readonly<Record<string, string>>
}

export interface MailWords {
  /** The domain of Message-IDs: that of the sender. */
  readonly domain: string
  /** Begins every subject, e.g. `[picket]`. */
  readonly subjectPrefix: string
  /** The machine that sends, for the footer. */
  readonly sender: string
}

const MAX_SUBJECT = 160
const MAX_LEFT = 120

export function mailOf(notice: Notice, words: MailWords): Mail {
  const footer = footerOf(notice, words)
  const replies = notice.inReplyTo === null ? {} : { inReplyTo: messageId(notice.inReplyTo, words.domain) }
  return {
    subject: safeText(`${words.subjectPrefix} ${headline(notice)}`.trim(), MAX_SUBJECT),
    text: mailText(notice, footer),
    html: mailHtml(notice, footer),
    messageId: messageId(notice.messageId, words.domain),
    ...replies,
    headers: headersOf(notice),
  }
}

/** RFC 5322 3.6.4: what is not a letter, digit or one of a few signs has no place in it; nor has what would need folding. */
export function messageId(left: string, domain: string): string {
  return `<${left.replace(/[^\w.-]/g, '-').slice(0, MAX_LEFT)}@${domain.replace(/[^\w.-]/g, '-')}>`
}

function headersOf(notice: Notice): Record<string, string> {
  const incident = 'alert' in notice ? { 'X-Picket-Incident': safeText(notice.alert.incident.id, 40) } : {}
  return {
    'Auto-Submitted': 'auto-generated', // RFC 3834: no vacation notes, please
    'X-Auto-Response-Suppress': 'All',
    'X-Picket-Kind': notice.kind,
    'X-Picket-Level': String(levelOf(notice)),
    ...incident,
  }
}

function footerOf(notice: Notice, { sender }: MailWords): string {
  const which =
    'alert' in notice
      ? `incident ${safeText(notice.alert.incident.id, 40)}, alert ${safeText(notice.alert.id, 40)}, revision ${notice.alert.revision}`
      : `notice ${safeText(notice.id, 80)}`
  return `Picket on ${safeText(sender, 80)}; ${which}`
}
