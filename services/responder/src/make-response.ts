/**
 * Make response: from settings and what was opened to a response, with its desks for bans and notices.
 */
import type { Logger, Metrics, PartitionStore, Producer, Queue } from '@picket/runtime'
import type { SigningKey } from '@picket/runtime/bans'
import { AllowlistAuthority } from './adapters/bans/allowlist-authority.ts'
import { BanDesk } from './adapters/bans/ban-desk.ts'
import type { BanDeskSettings } from './adapters/bans/ban-desk-options.ts'
import { Renewals } from './adapters/bans/renewals.ts'
import { NoticeDesk } from './adapters/channels/notice-desk.ts'
import { StoredNotices } from './adapters/channels/stored-notices.ts'
import type { Enricher } from './adapters/enrich/enricher.ts'
import { OpenStories } from './adapters/open-stories.ts'
import { TopicSizes } from './adapters/topic-sizes.ts'
import { BanEvents } from './ban-events.ts'
import type { ResponseSettings } from './config.ts'
import { type Channel, type NewOperationalNotice, TELLS_ENDS } from './index.ts'
import { NoticeEvents } from './notice-events.ts'
import { type HostVoice, Response, type ResponseChange } from './response.ts'

export interface ResponseParts {
  readonly settings: ResponseSettings
  readonly prefix: string
  readonly queue: Queue
  readonly store: PartitionStore
  readonly log: Logger
  readonly metrics: Metrics
  readonly channels: readonly Channel[]
  readonly enricher: Enricher | undefined
  readonly key: SigningKey | undefined
  readonly producer: () => Producer
  readonly partitions: () => number
  /** One responder sends what waits for channels. */
  readonly isSender: () => boolean
  /** Where the only host is this process. */
  readonly voice?: HostVoice | undefined
  readonly now: () => number
}

/** What a new configuration may change. A channel that stays as it was is the same object. */
export type ResponseConfig = Pick<ResponseParts, 'settings' | 'channels' | 'enricher'>

const WAKE_MS = 1_000
const REFRESH_EVERY = 30
const LAST_NOTICES_MS = 3_000
const QUIET_SECONDS = 3_600
const ANSWER_SECONDS = 2

export class RunningResponse {
  readonly response: Response
  readonly allowlist: AllowlistAuthority
  readonly events: BanEvents
  readonly #notices: NoticeDesk
  #parts: ResponseParts
  readonly #noticeEvents: NoticeEvents
  readonly #renewals: Renewals
  readonly #stories: OpenStories
  #timer: NodeJS.Timeout | undefined
  #ticks = 0
  #wasSender = false

  constructor(parts: ResponseParts) {
    const { settings, log, metrics, channels, store, now } = parts
    this.#parts = parts
    this.events = new BanEvents(log, metrics, (notice) => this.#page(notice), now)
    const noticeEvents = new NoticeEvents(log, metrics, channels)
    this.#noticeEvents = noticeEvents
    const stored = new StoredNotices({ store, isSender: parts.isSender })
    this.#notices = new NoticeDesk({
      ...{ channels, queue: stored, plans: stored, listener: noticeEvents, now },
      ...{ budget: settings.budget, operations: settings.operations },
    })
    const bans = new BanDesk({ ...parts, ...banSettings(settings), events: this.events })
    const sizes = new TopicSizes(parts.queue, parts.prefix)
    this.#stories = new OpenStories({
      ...{ store, sizes, now, console: () => this.#parts.settings.console },
      quietMs: () => (this.#parts.settings.quietSeconds ?? QUIET_SECONDS) * 1000,
      bannedUntil: (subject) => bans.historyOf(subject).bannedUntil,
      tell: async (channel, notice) => noticeEvents.taken(await this.#notices.tell(channel, notice)),
    })
    this.allowlist = new AllowlistAuthority({
      ...parts,
      bans,
      allow: () => this.#parts.settings.allow,
      events: this.events,
    })
    this.response = new Response({
      ...responseSettings(parts),
      ...{ bans, noticeEvents, now, events: this.events, notices: this.#notices, voice: parts.voice },
      ...{ partitions: parts.partitions, stories: this.#stories },
    })
    this.#renewals = new Renewals({
      ...{ bans, store, now, sizes, partitions: parts.partitions },
      leastPackets: () => this.#parts.settings.policy.bans.leastPackets,
      decide: (alert) => this.response.decideAgain(alert),
    })
    this.events.watch(metrics, () => bans.inForce)
  }

  async start(): Promise<void> {
    const { bans } = this.response
    await bans.readSettings()
    this.events.starts(bans.mode, this.#parts.settings.remarks)
    await this.#notices.start()
    bans.start()
    this.allowlist.start()
    this.#timer = setInterval(() => this.#tick(), WAKE_MS)
  }

  /** Another configuration, for all that comes; what is under way ends as it was begun. */
  async use(change: ResponseConfig): Promise<void> {
    const { settings, channels } = change
    const { enricher: before } = this.#parts
    this.#parts = { ...this.#parts, ...change }
    this.#noticeEvents.know(channels)
    this.response.use(responseSettings(change))
    this.response.bans.use(banSettings(settings))
    const { budget, operations, remarks } = settings
    await this.#notices.use({ channels, budget, operations }, LAST_NOTICES_MS)
    if (before !== change.enricher) before?.close()
    this.events.remarks(remarks)
    this.#ticks = 0
  }

  #tick(): void {
    // what the store refuses now is done by the next one
    const failed = (error: Error): void => this.events.lookFailed(error)
    this.response.followUp().catch(failed)
    this.#renewals.look().catch(failed)
    this.#stories.look().catch(failed)
    const isSender = this.#parts.isSender()
    if (isSender !== this.#wasSender) this.#ticks = 0
    this.#wasSender = isSender
    const isDue = this.#ticks++ % REFRESH_EVERY === 0
    if (isDue) this.#stand(isSender).catch(failed)
    if (!isSender) return
    if (isDue) this.#notices.refresh().catch(failed)
    else this.#notices.wake()
  }

  /** Whoever sends goes on with what stands, and nobody else. */
  async #stand(isSender: boolean): Promise<void> {
    const { channels, partitions } = this.#parts
    for (const channel of channels)
      if (channel.stand !== undefined)
        channel.stand(isSender ? await this.#stories.standing(channel.name, partitions()) : [])
  }

  #page(notice: NewOperationalNotice): void {
    this.response.page(notice).catch((error: Error) => this.events.lookFailed(error))
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.response.bans.stop()
    this.allowlist.stop()
    await this.#notices.stop(LAST_NOTICES_MS)
    this.#parts.enricher?.close()
  }
}

function responseSettings({ settings, channels, enricher }: ResponseConfig): ResponseChange {
  const { policy, operations, console } = settings
  return {
    ...{ policy, operations, console, enricher, confirmMs: settings.confirmSeconds * 1000 },
    answerMs: answerMs(settings),
    channels: channels.map(({ name }) => name),
    ending: channels.filter(({ type }) => TELLS_ENDS.has(type)).map(({ name }) => name),
  }
}

function banSettings({ policy, allow, confirmSeconds }: ResponseSettings): BanDeskSettings {
  return { policy: policy.bans, allow, confirmMs: confirmSeconds * 1000 }
}

export function answerMs({ answerSeconds = ANSWER_SECONDS }: ResponseSettings): number {
  return answerSeconds * 1000
}
