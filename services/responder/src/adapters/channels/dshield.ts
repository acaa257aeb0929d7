/** DShield: packets of the evidence as a plain mail in the form that its robot reads; what holds no packets is left out. */
import { type Channel, dshieldReport, type Notice, type Sent } from '../../tell/index.ts'
import { Deadline } from './deadline.ts'
import { addressOf } from './mail.ts'
import { mailFailure } from './mail-faults.ts'
import type { DshieldSettings } from './settings.ts'
import { sendMail } from './smtp.ts'

export class DshieldChannel implements Channel {
  readonly name: string
  readonly type = 'dshield'
  readonly #settings: DshieldSettings
  readonly #version: string

  constructor(name: string, settings: DshieldSettings, version: string) {
    this.name = name
    this.#settings = settings
    this.#version = version
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    const { from, to, timeoutSeconds, userId } = this.#settings
    const report = dshieldReport(notice, userId, this.#version)
    if (report === undefined) return { ok: true, answer: 'nothing to report: no packets' }
    const deadline = new Deadline(timeoutSeconds, signal)
    const domain = addressOf(from).split('@').at(-1) ?? 'localhost'
    try {
      const messageId = `<dshield.${notice.id}@${domain}>`
      const { response } = await sendMail(
        this.#settings,
        { from, to: [...to], messageId, ...report },
        deadline.signal,
      )
      return { ok: true, answer: response }
    } catch (error) {
      return mailFailure(error as Error, deadline.passed)
    } finally {
      deadline.end()
    }
  }

  async close(): Promise<void> {}
}
