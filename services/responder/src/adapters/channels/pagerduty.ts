/** PagerDuty Events v2. A digest is no page; it is taken and left, since the incidents in it were paged one by one. */
import { type Channel, type Notice, pagerdutyEvent, type Sent } from '../../tell/index.ts'
import { failureOf, post } from './post.ts'
import { readSecret } from './secret-file.ts'
import type { PagerdutySettings } from './settings.ts'

export class PagerdutyChannel implements Channel {
  readonly name: string
  readonly type = 'pagerduty'
  readonly #settings: PagerdutySettings
  readonly #sender: string

  constructor(name: string, settings: PagerdutySettings, sender: string) {
    this.name = name
    this.#settings = settings
    this.#sender = sender
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    if (notice.kind === 'digest') return { ok: true, answer: 'a digest is not paged' }
    try {
      const key = await readSecret(this.#settings.routingKeyFile)
      const body = pagerdutyEvent(notice, key, this.#sender)
      const headers = { 'content-type': 'application/json' }
      return await post({ url: this.#settings.url, body, headers }, this.#settings, signal)
    } catch (error) {
      return failureOf(error as Error, undefined)
    }
  }

  async close(): Promise<void> {}
}
