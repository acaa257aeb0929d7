/**
 * Mail: one message to all recipients, and again only to those who have not got it.
 *
 * A server may take a mail for one and put off another (greylisting): who has it must not get it twice.
 */
import { hostname } from 'node:os'
import { type Channel, mailOf, type Notice, type SendFailure, type Sent } from '../../tell/index.ts'
import { Deadline } from './deadline.ts'
import { isPermanent, mailFailure } from './mail-faults.ts'
import type { MailSettings } from './settings.ts'
import { type Accepted, sendMail } from './smtp.ts'

/** Notices of which some recipients still wait; far more than a budget lets through. */
const MAX_UNFINISHED = 100

export class MailChannel implements Channel {
  readonly name: string
  readonly type = 'mail'
  readonly #settings: MailSettings
  readonly #left = new Map<string, readonly string[]>()

  constructor(name: string, settings: MailSettings) {
    this.name = name
    this.#settings = settings
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    const { from, timeoutSeconds, subjectPrefix, to } = this.#settings
    const deadline = new Deadline(timeoutSeconds, signal)
    const { headers, ...mail } = mailOf(notice, { domain: domainOf(from), subjectPrefix, sender: hostname() })
    const threaded = mail.inReplyTo === undefined ? {} : { references: mail.inReplyTo }
    const recipients = this.#left.get(notice.id) ?? to
    const envelope = { from: addressOf(from), to: recipients.map(addressOf) }
    const date = new Date(notice.time)
    try {
      const message = { from, to: [...to], envelope, date, ...mail, ...threaded, headers: { ...headers } }
      return this.#outcome(notice.id, await sendMail(this.#settings, message, deadline.signal))
    } catch (error) {
      return mailFailure(error as Error, deadline.passed)
    } finally {
      deadline.end()
    }
  }

  #outcome(id: string, { response, rejected }: Accepted): Sent {
    this.#left.delete(id)
    const later = rejected.filter(({ status }) => !isPermanent(status))
    if (later.length > 0)
      return this.#later(
        id,
        later.map(({ address }) => address),
        later[0]?.why ?? '',
      )
    const partly = rejected.map(({ address, why }) => `${address}: ${why}`).join('; ')
    return { ok: true, answer: response, ...(partly === '' ? {} : { partly }) }
  }

  #later(id: string, addresses: readonly string[], why: string): SendFailure {
    this.#left.set(id, addresses)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_UNFINISHED && oldest !== undefined) this.#left.delete(oldest)
    return { ok: false, reason: 'busy', retryable: true, why: `${addresses.join(', ')}: ${why}` }
  }

  async close(): Promise<void> {}
}

/** The address in `Name <address>`. */
export function addressOf(mailbox: string): string {
  return /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim()
}

function domainOf(mailbox: string): string {
  return addressOf(mailbox).split('@').at(-1) ?? 'localhost'
}
