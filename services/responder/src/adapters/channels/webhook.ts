/** Webhook: CloudEvents, signed in the manner of Standard Webhooks (HMAC-SHA256) where a secret is given. */
import { createHmac } from 'node:crypto'
import { bytesOf } from '@picket/runtime'
import {
  type Channel,
  CLOUD_EVENT_TYPE,
  cloudEvent,
  type Notice,
  type Sent,
  signedContent,
} from '../../tell/index.ts'
import { failureOf, post } from './post.ts'
import { Misconfigured, readSecret } from './secret-file.ts'
import type { WebhookSettings } from './settings.ts'

const SECRET_PREFIX = 'whsec_'

export class WebhookChannel implements Channel {
  readonly name: string
  readonly type = 'webhook'
  readonly #settings: WebhookSettings
  readonly #sender: string

  constructor(name: string, settings: WebhookSettings, sender: string) {
    this.name = name
    this.#settings = settings
    this.#sender = sender
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    const body = cloudEvent(notice, this.#sender)
    try {
      const headers = { 'content-type': CLOUD_EVENT_TYPE, ...(await this.#secretHeaders(notice.id, body)) }
      return await post({ url: this.#settings.url, body, headers }, this.#settings, signal)
    } catch (error) {
      return failureOf(error as Error, undefined)
    }
  }

  async #secretHeaders(id: string, body: string): Promise<Record<string, string>> {
    const { secretFile, tokenFile } = this.#settings
    return {
      ...(secretFile === undefined ? {} : signature(await readSecret(secretFile), id, body)),
      ...(tokenFile === undefined ? {} : await bearer(tokenFile)),
    }
  }

  async close(): Promise<void> {}
}

export async function bearer(tokenFile: string): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await readSecret(tokenFile)}` }
}

function signature(secret: string, id: string, body: string): Record<string, string> {
  if (!secret.startsWith(SECRET_PREFIX)) throw new Misconfigured('the webhook secret must begin with whsec_')
  const key = bytesOf(Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64'))
  if (key.length < 24) throw new Misconfigured('the webhook secret must hold 24 bytes or more')
  const seconds = Math.floor(Date.now() / 1_000)
  // A full stop separates what is signed, and a header takes no line end
  const safeId = id.replace(/[^\w-]/g, '_')
  const mac = createHmac('sha256', key)
    .update(signedContent(safeId, seconds, body))
    .digest('base64')
  return { 'webhook-id': safeId, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` }
}
