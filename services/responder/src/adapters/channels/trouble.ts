/**
 * Trouble: when a channel does not deliver, and whom to tell that. One notice at the first sign, then at most one an hour with the
 * count since: a mail server that refuses everything must not cause as many notices as there were mails.
 */
import {
  type Channel,
  type OperationalNotice,
  operationalNotice,
  type SendFailure,
} from '../../tell/index.ts'

const QUIET_MS = 3_600_000
/** So many failures in a row are no hiccup; by then half a minute has passed. */
const ATTEMPTS = 5

interface Record {
  readonly toldAt: number
  readonly since: number
}

export class Troubles {
  readonly #channels = new Map<string, Record>()

  /** A notice was lost: worth a notice of its own, unless one was given within the hour. */
  lost(channel: Channel, failure: SendFailure, now: number): OperationalNotice | undefined {
    return this.#report(
      channel,
      now,
      `${channel.name} (${channel.type}) refused a notice for good`,
      failure.why,
    )
  }

  partly(channel: Channel, why: string, now: number): OperationalNotice | undefined {
    return this.#report(
      channel,
      now,
      `${channel.name} (${channel.type}) did not reach all it is meant for`,
      why,
    )
  }

  late(channel: Channel, failure: SendFailure, attempts: number, now: number): OperationalNotice | undefined {
    if (attempts < ATTEMPTS) return undefined
    const summary = `${channel.name} (${channel.type}) has failed ${attempts} times in a row: ${failure.reason}`
    return this.#report(channel, now, summary, failure.why)
  }

  #report(channel: Channel, now: number, summary: string, why: string): OperationalNotice | undefined {
    const before = this.#channels.get(channel.name)
    if (before !== undefined && now - before.toldAt < QUIET_MS) {
      this.#channels.set(channel.name, { ...before, since: before.since + 1 })
      return undefined
    }
    this.#channels.set(channel.name, { toldAt: now, since: 0 })
    const more =
      before !== undefined && before.since > 0
        ? [`${before.since} more failures since the last notice of this.`]
        : []
    const details = [`It said: ${why}`, ...more, `Try it with: picket notify test ${channel.name}`]
    return operationalNotice({
      topic: `channel-${channel.name}`,
      time: now,
      severity: 'page',
      summary,
      details,
    })
  }
}
