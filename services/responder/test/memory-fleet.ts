/**
 * A fleet in memory: responders that decide over one queue and store, a channel that keeps what it is told, and hosts that say what a test
 * lets them say.
 */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  MemoryQueue,
  MemoryStore,
  Metrics,
  makeLogger,
  type PartitionName,
  type PartitionStore,
  type Put,
  StoreError,
} from '@picket/runtime'
import { newSigningKey, publicKeyText, readPublicKey, type SigningKey, verifyBan } from '@picket/runtime/bans'
import { type Ban, MESSAGES, type Receipt } from '@picket/schemas/messages'
import type { BanDesk } from '../src/adapters/bans/ban-desk.ts'
import { type Channel, DEFAULT_MAIL_BUDGET, type Notice, type Sent } from '../src/index.ts'
import { type Responder, type ResponseSettings, startResponder } from '../src/main.ts'
import { alertMessage, receipt, SETTINGS } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'

export const PARTITIONS = 4
const NAMES = ['packets', 'contacts', 'alerts', 'receipts', 'bans'].map((topic) => [
  `picket.${topic}`,
  PARTITIONS,
])

export const RESPONSE: ResponseSettings = {
  policy: policyOf([BAN_RULE]),
  operations: [],
  budget: DEFAULT_MAIL_BUDGET,
  console: undefined,
  allow: [],
  confirmSeconds: 30,
  remarks: [],
}

export class Hook implements Channel {
  readonly name: string = 'hook'
  readonly type = 'webhook'
  readonly notices: Notice[] = []

  async send(notice: Notice): Promise<Sent> {
    this.notices.push(notice)
    return { ok: true, answer: 'HTTP 202' }
  }

  async close(): Promise<void> {}
}

/** Takes no note that a test refuses. */
export class RefusingStore extends MemoryStore {
  readonly #refuses: (name: PartitionName, keys: readonly string[]) => boolean

  constructor(refuses: (name: PartitionName, keys: readonly string[]) => boolean) {
    super()
    this.#refuses = refuses
  }

  override async note(name: PartitionName, epoch: number, puts: readonly Put[]): Promise<boolean> {
    if (
      this.#refuses(
        name,
        puts.map(({ key }) => key),
      )
    )
      throw new StoreError('unreachable', 'it is away')
    return super.note(name, epoch, puts)
  }
}

export class Fleet {
  readonly queue: MemoryQueue = new MemoryQueue({
    topics: { ...Object.fromEntries(NAMES), 'picket.dead-letters': 1 },
  })
  readonly key: SigningKey = newSigningKey()
  readonly hook: Hook
  readonly running: Responder[] = []
  store: PartitionStore = new MemoryStore()

  readonly channels: readonly Channel[]

  constructor(hook: Hook, others: readonly Channel[]) {
    this.hook = hook
    this.channels = [hook, ...others]
  }

  start(response: Partial<ResponseSettings> = {}): Responder {
    const log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
    const { queue, store, key, channels } = this
    const outside = { queue, store, log, metrics: new Metrics(), sinks: [], channels, key }
    const responder = startResponder({ ...SETTINGS, response: { ...RESPONSE, ...response } }, outside)
    this.running.push(responder)
    return responder
  }

  async enable(responder: Responder): Promise<void> {
    const bans = bansOf(responder)
    bans.useSettings(await bans.state.settings.update((before) => ({ ...before, enabled: true })))
  }

  async alert(number: number, partition = 0): Promise<void> {
    const producer = await this.queue.producer()
    const value = MESSAGES.alert.encode(alertMessage(number))
    await producer.send('picket.alerts', partition, [{ key: null, value }])
  }

  /** As an enforcer of this host says it. */
  async say(host: string, part: Partial<Receipt>): Promise<void> {
    const said = { ...receipt(Date.now(), part), service: 'enforcer', instance: host, reporter: host }
    const producer = await this.queue.producer()
    await producer.send('picket.receipts', 0, [{ key: null, value: MESSAGES.receipt.encode(said) }])
  }

  async wished(): Promise<Map<string, Ban>> {
    const keys = new Map([[this.key.id, readPublicKey(publicKeyText(this.key.publicKey), 'test')]])
    const newest = new Map<string, Ban>()
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { start, end } = await this.queue.extent('picket.bans', partition)
      for await (const { value } of this.queue.read('picket.bans', partition, start, end)) {
        const verified = verifyBan(value ?? new Uint8Array(0), keys)
        if (verified.ok) newest.set(verified.ban.subject, verified.ban)
      }
    }
    return newest
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((responder) => responder.stop()))
    await this.queue.close()
  }
}

const fleets: Fleet[] = []
after(async () => {
  for (const fleet of fleets) await fleet.stop()
})

export function newFleet(hook: Hook = new Hook(), ...others: readonly Channel[]): Fleet {
  const fleet = new Fleet(hook, others)
  fleets.push(fleet)
  return fleet
}

export function bansOf({ response }: Responder): BanDesk {
  assert.ok(response !== undefined)
  return response.response.bans
}

export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await pause(5)
  }
}
