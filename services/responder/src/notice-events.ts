/**
 * Events of telling: with events.ts the only place where the responder logs or counts.
 *
 * Labels are of closed lists. Names of channels are the admin's and few, so they are one too; text of the other side goes to the log only.
 */
import type { Logger, Metrics } from '@picket/runtime'
import type { Taken } from './adapters/channels/notice-desk.ts'
import type { Channel, Notice, SendFailure, SendSuccess } from './tell/index.ts'

type Counts = Record<string, number>

const TAKEN: readonly Taken[] = [
  'queued',
  'sent',
  'held',
  'waited',
  'nothing-new',
  'not-for-mail',
  'no-such-channel',
]

export class NoticeEvents {
  readonly #log: Logger
  readonly #sent: Counts = {}
  readonly #postponed: Counts = {}
  readonly #dead: Counts = {}
  readonly #taken: Counts = Object.fromEntries(TAKEN.map((outcome) => [outcome, 0]))
  readonly #observeDelivery: (seconds: number) => void

  constructor(log: Logger, metrics: Metrics, channels: readonly Pick<Channel, 'name'>[]) {
    this.#log = log
    this.know(channels)
    const by = (name: string, help: string, label: string, counts: Counts): void =>
      metrics.counterBy(`picket_responder_notices_${name}_total`, help, label, () => counts)
    by('sent', 'Notices that the other side took.', 'channel', this.#sent)
    by('postponed', 'Attempts that failed and are made again.', 'channel', this.#postponed)
    by('dead', 'Notices that will never be sent.', 'channel', this.#dead)
    by('taken', 'Notices given to channels, by what became of them.', 'outcome', this.#taken)
    this.#observeDelivery = metrics.histogram(
      'picket_responder_notice_delivery_seconds',
      'From a notice being made to the other side taking it.',
      [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 300, 3_600],
    )
  }

  /** They are counted from nought. */
  know(channels: readonly Pick<Channel, 'name'>[]): void {
    for (const { name } of channels)
      for (const counts of [this.#sent, this.#postponed, this.#dead]) counts[name] ??= 0
  }

  /** What `NoticeDesk.tell` answered. */
  taken(outcome: Taken): void {
    this.#taken[outcome] = (this.#taken[outcome] ?? 0) + 1
  }

  sent({ name }: Channel, notice: Notice, { partly }: SendSuccess): void {
    this.#sent[name] = (this.#sent[name] ?? 0) + 1
    this.#observeDelivery(Math.max(0, Date.now() - notice.time) / 1_000)
    if (partly !== undefined) this.#log.error({ channel: name, partly }, 'a notice did not reach all')
  }

  postponed({ name }: Channel, notice: Notice, { reason, why }: SendFailure, delayMs: number): void {
    this.#postponed[name] = (this.#postponed[name] ?? 0) + 1
    const delaySeconds = Math.round(delayMs / 1_000)
    this.#log.warn(
      { channel: name, notice: notice.id, reason, why, delaySeconds },
      'a notice is tried again later',
    )
  }

  dead({ name }: Channel, notice: Notice, { reason, why }: SendFailure): void {
    this.#dead[name] = (this.#dead[name] ?? 0) + 1
    // The whole notice: this is where it is kept, unless the caller has a better place
    this.#log.error({ channel: name, reason, why, notice }, 'a notice cannot be sent')
  }

  storeFailed({ name }: Channel, error: Error): void {
    this.#log.error({ channel: name, err: error }, 'notices cannot be kept; they wait')
  }
}
