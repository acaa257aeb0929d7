/**
 * Stored notices: what waits for channels, and what each has been told, in the store that all responders share.
 *
 * Any responder puts and plans; one sends, the one that owns the first partition of alerts, else two would send the same. When that moves
 * in the middle of a sending the notice is sent once more, under the same id. The plan lies beside the queue, so that both change in one
 * step: a notice that one responder has planned, and another has sent and taken off, must not be planned anew.
 */
import { type PartitionStore, type Put, StoreError, type StoreKey } from '@picket/runtime'
import { HIGH_SEED, hashText, LOW_SEED, printId } from '@picket/schemas'
import {
  type MailPlan,
  type Notice,
  type NoticeQueue,
  type PlanStep,
  type SharedPlans,
  threadOf,
  type Waiting,
} from '../../tell/index.ts'
import { giveWay } from '../give-way.ts'

export interface StoredNoticesOptions {
  readonly store: PartitionStore
  readonly isSender: () => boolean
}

interface Listed {
  readonly id: string
  readonly thread: string
}

const MAX_WAITING = 2_000
const KEPT_SECONDS = 2 * 86_400
const PLAN_SECONDS = 31 * 86_400
const FORGET_SECONDS = 1
const LIST_KEY = 'l'
const PLAN_KEY = 'm'
const TRIES = 20

export class StoredNotices implements NoticeQueue, SharedPlans {
  readonly #store: PartitionStore
  readonly #isSender: () => boolean
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor({ store, isSender }: StoredNoticesOptions) {
    this.#store = store
    this.#isSender = isSender
  }

  put(channel: string, waiting: Waiting): Promise<'put' | 'known' | 'full'> {
    return this.#change(channel, [LIST_KEY], ([value]) => {
      const list = listIn(value)
      const { placed, noRoom } = placing(list, [waiting])
      if (noRoom.length > 0) return { answer: 'full', puts: [] }
      return placed.length === 0
        ? { answer: 'known', puts: [] }
        : { answer: 'put', puts: putsOf(list, placed) }
    })
  }

  replan<T>(
    channel: string,
    step: (before: MailPlan | undefined) => PlanStep<T>,
  ): Promise<{ readonly answer: T; readonly noRoom: readonly Notice[] }> {
    return this.#change(channel, [LIST_KEY, PLAN_KEY], ([value, before]) => {
      const { plan, leaving, answer } = step(parse<MailPlan>(before))
      const list = listIn(value)
      const { placed, noRoom } = placing(list, leaving)
      const kept = { key: PLAN_KEY, value: jsonBytes(plan), ttlSeconds: PLAN_SECONDS }
      const puts = placed.length === 0 ? [] : putsOf(list, placed)
      return { answer: { answer, noRoom: noRoom.map(({ notice }) => notice) }, puts: [kept, ...puts] }
    })
  }

  async next(channel: string, passOver: ReadonlySet<string>): Promise<Waiting | undefined> {
    if (!this.#isSender()) return undefined
    const first = (await this.#list(channel)).find(({ thread }) => !passOver.has(thread))
    if (first === undefined) return undefined
    const [value] = await this.#store.load(partitionOf(channel), [keyOf(first.id)])
    if (value !== null && value !== undefined && value.length > 0) return parse<Waiting>(value)
    await this.done(channel, first.id)
    return this.next(channel, passOver)
  }

  done(channel: string, id: string): Promise<void> {
    return this.#change(channel, [LIST_KEY], ([value]) => {
      const rest = listIn(value).filter((listed) => listed.id !== id)
      const gone = { key: keyOf(id), value: new Uint8Array(0), ttlSeconds: FORGET_SECONDS }
      return { answer: undefined, puts: [listPut(rest), gone] }
    })
  }

  async waiting(channel: string): Promise<number> {
    return (await this.#list(channel)).length
  }

  async #list(channel: string): Promise<readonly Listed[]> {
    const [value] = await this.#store.load(partitionOf(channel), [LIST_KEY])
    return listIn(value)
  }

  #change<T>(channel: string, keys: readonly StoreKey[], change: Changing<T>): Promise<T> {
    const before = this.#turns.get(channel) ?? Promise.resolve()
    const turn = before.catch(() => undefined).then(() => this.#changeNow(channel, keys, change))
    this.#turns.set(channel, turn)
    return turn
  }

  /** All of it in one note, and only if nobody has claimed since. */
  async #changeNow<T>(channel: string, keys: readonly StoreKey[], change: Changing<T>): Promise<T> {
    const partition = partitionOf(channel)
    for (let tries = 0; tries < TRIES; tries++) {
      const { epoch } = await this.#store.claim(partition)
      const { answer, puts } = change(await this.#store.load(partition, keys))
      if (puts.length === 0 || (await this.#store.note(partition, epoch, puts))) return answer
      await giveWay(tries)
    }
    throw new StoreError('busy', `${partition}: others change it all the time`)
  }
}

/** From the values of the keys that were asked for. */
type Changing<T> = (values: readonly (Uint8Array | null)[]) => {
  readonly answer: T
  readonly puts: readonly Put[]
}

interface Placing {
  readonly placed: readonly Waiting[]
  readonly noRoom: readonly Waiting[]
}

/** What waits already is passed over. */
function placing(list: readonly Listed[], all: readonly Waiting[]): Placing {
  const known = new Set(list.map(({ id }) => id))
  const fresh = all.filter(({ notice }) => !known.has(notice.id))
  const room = Math.max(0, MAX_WAITING - list.length)
  return { placed: fresh.slice(0, room), noRoom: fresh.slice(room) }
}

function putsOf(list: readonly Listed[], placed: readonly Waiting[]): Put[] {
  const added = placed.map(({ notice }) => ({ id: notice.id, thread: threadOf(notice) }))
  const values = placed.map((waiting) => ({
    key: keyOf(waiting.notice.id),
    value: jsonBytes(waiting),
    ttlSeconds: KEPT_SECONDS,
  }))
  return [listPut([...list, ...added]), ...values]
}

function listPut(list: readonly Listed[]): Put {
  return { key: LIST_KEY, value: jsonBytes(list), ttlSeconds: KEPT_SECONDS }
}

function listIn(value: Uint8Array | null | undefined): readonly Listed[] {
  return parse<readonly Listed[]>(value) ?? []
}

/** Names of channels are of letters, digits, - and _. */
function partitionOf(channel: string): string {
  return `notices:${channel}`
}

function keyOf(id: string): string {
  return `n${printId(hashText(id, HIGH_SEED), hashText(id, LOW_SEED))}`
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function parse<T>(value: Uint8Array | null | undefined): T | undefined {
  if (value === null || value === undefined || value.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(value)) as T
  } catch {
    return undefined
  }
}
