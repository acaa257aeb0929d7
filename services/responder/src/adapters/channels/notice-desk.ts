/**
 * Notice desk: takes notices for channels, by way of the planner where people read them, and sees them out of the door.
 *
 * `tell` resolves when what must be sent is in the queue and the plan is kept; from there on the loops do the rest. Where plans are not
 * shared, what is put in the queue before the plan is kept may, after a crash between the two, be planned again under the same id.
 */
import { failpoint } from '@picket/runtime'
import {
  type Channel,
  type ChannelType,
  EMPTY_PLAN,
  type MailBudget,
  type MailPlan,
  type Notice,
  type NoticeQueue,
  type OperationalNotice,
  type Planned,
  type PlanOutcome,
  type PlanStep,
  type PlanStore,
  planMail,
  type SendFailure,
  type SendSuccess,
  type SharedPlans,
} from '../../tell/index.ts'
import { ChannelLoop } from './channel-loop.ts'
import { Troubles } from './trouble.ts'

/** What people read: gathered and budgeted. Other channels get each notice. */
const PLANNED: ReadonlySet<ChannelType> = new Set(['mail', 'slack'])

export interface DeskListener {
  sent(channel: Channel, notice: Notice, sent: SendSuccess): void
  postponed(channel: Channel, notice: Notice, failure: SendFailure, delayMs: number): void
  dead(channel: Channel, notice: Notice, failure: SendFailure): void
  /** Queue or plan store. */
  storeFailed(channel: Channel, error: Error): void
}

export interface Desk {
  readonly channels: readonly Channel[]
  readonly queue: NoticeQueue
  /** The second where several processes share the queue. */
  readonly plans: PlanStore | SharedPlans
  readonly budget: MailBudget
  /** Names of the channels that hear of trouble with the others. */
  readonly operations: readonly string[]
  readonly listener: DeskListener
  readonly now?: () => number
}

/** What a new configuration may change. */
export type DeskSettings = Pick<Desk, 'channels' | 'budget' | 'operations'>

/** `queued`: a channel without a plan has it. */
export type Taken = PlanOutcome | 'queued' | 'no-such-channel'

interface Seat {
  readonly channel: Channel
  readonly loop: ChannelLoop
  /** Plans are read, changed and kept one after the other. */
  busy: Promise<unknown>
  timer?: NodeJS.Timeout | undefined
}

export class NoticeDesk {
  #desk: Desk
  readonly #now: () => number
  readonly #seats: Map<string, Seat>
  #changing: Promise<unknown> = Promise.resolve()
  readonly #troubles = new Troubles()
  #isStopping = false

  constructor(desk: Desk) {
    this.#desk = desk
    this.#now = desk.now ?? Date.now
    this.#seats = new Map(desk.channels.map((channel) => [channel.name, this.#seatFor(channel)]))
  }

  #seatFor(channel: Channel): Seat {
    const { queue, listener } = this.#desk
    const loop = new ChannelLoop(
      channel,
      queue,
      {
        sent: (_, notice, sent) => this.#sent(channel, notice, sent),
        postponed: (_, notice, failure, attempts, delayMs) => {
          listener.postponed(channel, notice, failure, delayMs)
          this.#report(channel, notice, () => this.#troubles.late(channel, failure, attempts, this.#now()))
        },
        dead: (_, notice, failure) => this.#dead(channel, notice, failure),
        queueFailed: (_, error) => listener.storeFailed(channel, error),
      },
      this.#now,
    )
    return { channel, loop, busy: Promise.resolve() }
  }

  /** Sends what waits from before, and wakes for digests that are due. */
  async start(): Promise<void> {
    for (const seat of this.#seats.values()) await this.#begin(seat)
  }

  async #begin(seat: Seat): Promise<void> {
    seat.loop.start()
    if (PLANNED.has(seat.channel.type)) await this.#inTurn(seat, () => this.#plan(seat, undefined))
  }

  /** A channel that is the same object goes on undisturbed; one of its name waits until the old one has ended. */
  use(settings: DeskSettings, graceMs: number): Promise<void> {
    const change = this.#changing.catch(() => undefined).then(() => this.#use(settings, graceMs))
    this.#changing = change.catch(() => undefined)
    return change
  }

  async #use(settings: DeskSettings, graceMs: number): Promise<void> {
    const gone = [...this.#seats.values()].filter(({ channel }) => !settings.channels.includes(channel))
    this.#desk = { ...this.#desk, ...settings }
    // before it ends: a plan under way must not wake it again
    for (const { channel } of gone) this.#seats.delete(channel.name)
    await end(gone, graceMs)
    for (const channel of settings.channels) {
      if (this.#seats.has(channel.name)) continue
      const seat = this.#seatFor(channel)
      this.#seats.set(channel.name, seat)
      // the next refresh plans
      await this.#begin(seat).catch((error: Error) => this.#desk.listener.storeFailed(channel, error))
    }
  }

  /** Others may have put something, or left a digest that is due: looks after both. */
  async refresh(): Promise<void> {
    if (this.#isStopping) return
    for (const seat of this.#seats.values()) {
      if (PLANNED.has(seat.channel.type)) await this.#inTurn(seat, () => this.#plan(seat, undefined))
      seat.loop.wake()
    }
  }

  /** Another responder may have put something in the queue. */
  wake(): void {
    for (const { loop } of this.#seats.values()) loop.wake()
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    await this.#changing
    await end([...this.#seats.values()], graceMs)
  }

  /** Rejects when queue or plan store fail: nothing is then noted, and the caller tells again. */
  tell(channel: string, notice: Notice): Promise<Taken> {
    return this.#changing.then(() => this.#tell(channel, notice))
  }

  #tell(channel: string, notice: Notice): Promise<Taken> {
    const seat = this.#seats.get(channel)
    if (seat === undefined) return Promise.resolve('no-such-channel')
    if (PLANNED.has(seat.channel.type)) return this.#inTurn(seat, () => this.#plan(seat, notice))
    return this.#inTurn<Taken>(seat, async () => {
      await this.#put(seat, notice)
      return 'queued'
    })
  }

  #inTurn<T>(seat: Seat, work: () => Promise<T>): Promise<T> {
    const turn = seat.busy.catch(() => {}).then(work)
    seat.busy = turn
    return turn
  }

  async #plan(seat: Seat, notice: Notice | undefined): Promise<Taken> {
    const { plans, budget } = this.#desk
    const step = (before: MailPlan | undefined): PlanStep<Planned> => {
      const now = this.#now()
      const planned = planMail(before ?? EMPTY_PLAN, notice, now, budget)
      const leaving = planned.send.map((one) => ({ notice: one, since: now }))
      return { plan: planned.plan, leaving, answer: planned }
    }
    const { outcome, wakeAt, send } = await ('replan' in plans
      ? this.#replan(seat, plans, step)
      : this.#planAlone(seat, plans, step))
    if (send.length > 0) failpoint('responder.notice-planned')
    this.#wakeAt(seat, wakeAt)
    return outcome
  }

  async #replan(
    seat: Seat,
    plans: SharedPlans,
    step: (before: MailPlan | undefined) => PlanStep<Planned>,
  ): Promise<Planned> {
    const { answer, noRoom } = await plans.replan(seat.channel.name, step)
    for (const notice of noRoom) this.#dead(seat.channel, notice, FULL)
    if (answer.send.length > 0) seat.loop.wake()
    return answer
  }

  async #planAlone(
    seat: Seat,
    plans: PlanStore,
    step: (before: MailPlan | undefined) => PlanStep<Planned>,
  ): Promise<Planned> {
    const { name } = seat.channel
    const { plan, leaving, answer } = step(await plans.load(name))
    for (const { notice } of leaving) await this.#put(seat, notice)
    await plans.save(name, plan)
    return answer
  }

  #wakeAt(seat: Seat, at: number | null): void {
    clearTimeout(seat.timer)
    if (at === null || this.#isStopping || this.#seats.get(seat.channel.name) !== seat) return
    seat.timer = setTimeout(() => this.#tick(seat), Math.max(at - this.#now(), 0)).unref()
  }

  #tick(seat: Seat): void {
    this.#inTurn(seat, () => this.#plan(seat, undefined)).catch((error: Error) => {
      this.#desk.listener.storeFailed(seat.channel, error)
      this.#wakeAt(seat, this.#now() + this.#desk.budget.gatherMs)
    })
  }

  async #put(seat: Seat, notice: Notice): Promise<void> {
    const put = await this.#desk.queue.put(seat.channel.name, { notice, since: this.#now() })
    if (put === 'full') this.#dead(seat.channel, notice, FULL)
    else seat.loop.wake()
  }

  #sent(channel: Channel, notice: Notice, sent: SendSuccess): void {
    this.#desk.listener.sent(channel, notice, sent)
    const { partly } = sent
    if (partly === undefined) return
    this.#report(channel, notice, () => this.#troubles.partly(channel, partly, this.#now()))
  }

  #dead(channel: Channel, notice: Notice, failure: SendFailure): void {
    this.#desk.listener.dead(channel, notice, failure)
    this.#report(channel, notice, () => this.#troubles.lost(channel, failure, this.#now()))
  }

  /** Trouble with one channel is told by the others. Trouble with a notice of trouble is told by nobody: it would never end. */
  #report(channel: Channel, about: Notice, find: () => OperationalNotice | undefined): void {
    if (about.kind === 'operational' || this.#isStopping) return
    const trouble = find()
    if (trouble === undefined) return
    for (const name of this.#desk.operations) {
      const seat = this.#seats.get(name)
      if (name === channel.name || seat === undefined) continue
      this.tell(name, trouble).catch((error: Error) => this.#desk.listener.storeFailed(seat.channel, error))
    }
  }
}

async function end(seats: readonly Seat[], graceMs: number): Promise<void> {
  for (const seat of seats) clearTimeout(seat.timer)
  await Promise.all(seats.map((seat) => seat.busy.catch(() => {})))
  await Promise.all(seats.map(({ loop }) => loop.stop(graceMs)))
}

const FULL: SendFailure = {
  ok: false,
  reason: 'queue-full',
  retryable: false,
  why: 'too many notices wait for this channel already',
}
