/** Slack, by an incoming webhook; its address is the secret, so it stands in a file and in no message of ours. */
import { type Channel, type Notice, type Sent, slackBody } from '../../tell/index.ts'
import { failureOf, post } from './post.ts'
import { Misconfigured, readSecret } from './secret-file.ts'
import type { SlackSettings } from './settings.ts'

export class SlackChannel implements Channel {
  readonly name: string
  readonly type = 'slack'
  readonly #settings: SlackSettings

  constructor(name: string, settings: SlackSettings) {
    this.name = name
    this.#settings = settings
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    try {
      const url = await readSecret(this.#settings.urlFile)
      if (!URL.canParse(url)) throw new Misconfigured(`${this.#settings.urlFile} holds no URL`)
      const headers = { 'content-type': 'application/json; charset=utf-8' }
      return await post({ url, body: slackBody(notice), headers }, this.#settings, signal)
    } catch (error) {
      return failureOf(error as Error, undefined)
    }
  }

  async close(): Promise<void> {}
}
