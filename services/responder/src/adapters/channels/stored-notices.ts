/**
 * Stored notices: what waits for channels, and what each has been told, in the store that all responders share.
 *
 * Any responder puts; one sends, the one that owns the first partition of alerts, else two would send the same. When that moves in the
 * middle of a sending the notice is sent once more, under the same id.
 */
import { type PartitionStore, StoreError } from '@picket/runtime'
import { HIGH_SEED, hashText, LOW_SEED, printId } from '@picket/schemas'
import { type MailPlan, type NoticeQueue, type PlanStore, threadOf, type Waiting } from '../../tell/index.ts'
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

export class StoredNotices implements NoticeQueue, PlanStore {
  readonly #store: PartitionStore
  readonly #isSender: () => boolean
  /** Of the last load: whoever saves under an older one would undo another's change. */
  readonly #planEpochs = new Map<string, number>()
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor({ store, isSender }: StoredNoticesOptions) {
    this.#store = store
    this.#isSender = isSender
  }

  put(channel: string, waiting: Waiting): Promise<'put' | 'known' | 'full'> {
    const { id } = waiting.notice
    return this.#change(channel, (list) => {
      if (list.some((listed) => listed.id === id)) return { answer: 'known' }
      if (list.length >= MAX_WAITING) return { answer: 'full' }
      const value = jsonBytes(waiting)
      return { answer: 'put', list: [...list, { id, thread: threadOf(waiting.notice) }], id, value }
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

  async done(channel: string, id: string): Promise<void> {
    await this.#change(channel, (list) => {
      const rest = list.filter((listed) => listed.id !== id)
      return { answer: undefined, list: rest, id, value: new Uint8Array(0) }
    })
  }

  async waiting(channel: string): Promise<number> {
    return (await this.#list(channel)).length
  }

  async load(channel: string): Promise<MailPlan | undefined> {
    const partition = `plan:${channel}`
    const { epoch } = await this.#store.claim(partition)
    this.#planEpochs.set(channel, epoch)
    const [value] = await this.#store.load(partition, [PLAN_KEY])
    return value === null || value === undefined ? undefined : parse<MailPlan>(value)
  }

  async save(channel: string, plan: MailPlan): Promise<void> {
    const put = { key: PLAN_KEY, value: jsonBytes(plan), ttlSeconds: PLAN_SECONDS }
    const isOurs = await this.#store.note(`plan:${channel}`, this.#planEpochs.get(channel) ?? 0, [put])
    if (!isOurs)
      throw new StoreError('busy', `the plan of ${channel} was changed by another responder meanwhile`)
  }

  async #list(channel: string): Promise<readonly Listed[]> {
    const [value] = await this.#store.load(partitionOf(channel), [LIST_KEY])
    return value === null || value === undefined ? [] : (parse<readonly Listed[]>(value) ?? [])
  }

  #change<T>(channel: string, change: (list: readonly Listed[]) => Change<T>): Promise<T> {
    const before = this.#turns.get(channel) ?? Promise.resolve()
    const turn = before.catch(() => undefined).then(() => this.#changeNow(channel, change))
    this.#turns.set(channel, turn)
    return turn
  }

  /** All of it in one note, and only if nobody has claimed since. */
  async #changeNow<T>(channel: string, change: (list: readonly Listed[]) => Change<T>): Promise<T> {
    const partition = partitionOf(channel)
    for (let tries = 0; tries < TRIES; tries++) {
      const { epoch } = await this.#store.claim(partition)
      const changed = change(await this.#list(channel))
      if (changed.list === undefined) return changed.answer
      const ttlSeconds = changed.value.length === 0 ? FORGET_SECONDS : KEPT_SECONDS
      const puts = [
        { key: LIST_KEY, value: jsonBytes(changed.list), ttlSeconds: KEPT_SECONDS },
        { key: keyOf(changed.id), value: changed.value, ttlSeconds },
      ]
      if (await this.#store.note(partition, epoch, puts)) return changed.answer
      await giveWay(tries)
    }
    throw new StoreError('busy', `${partition}: others change it all the time`)
  }
}

type Change<T> =
  | { readonly answer: T; readonly list?: undefined }
  | {
      readonly answer: T
      readonly list: readonly Listed[]
      readonly id: string
      /** Empty is forgotten. */
      readonly value: Uint8Array
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

function parse<T>(value: Uint8Array): T | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as T
  } catch {
    return undefined
  }
}
