/**
 * What tests of an enforcer stand on: a queue in memory, a key, a firewall in a namespace (or none), and receipts read back.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryQueue, Metrics, makeLogger, type Queue } from '@picket/runtime'
import {
  newSigningKey,
  type PinnedKeys,
  publicKeyText,
  readPublicKey,
  type SigningKey,
  signBan,
} from '@picket/runtime/bans'
import { parsePrefix } from '@picket/schemas'
import { type BanReceipt, type BanWish, type Heartbeat, MESSAGES } from '@picket/schemas/messages'
import type { HostFacts } from '../../src/enforce/host-facts.ts'
import type { KernelBans } from '../../src/enforce/kernel-bans.ts'
import type { NeverEntry } from '../../src/enforce/never-ban.ts'
import type { RefusalReason } from '../../src/enforce/refusals.ts'
import type { Enforcer } from '../../src/enforcer/enforcer.ts'
import type { EnforcerSettings } from '../../src/enforcer/settings.ts'
import { startEnforcer } from '../../src/enforcer/start-enforcer.ts'

const EACH_MS = 10

export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  ms = 60_000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, EACH_MS))
  }
}

export function entry(text: string, reason: RefusalReason): NeverEntry {
  const prefix = parsePrefix(text)
  assert.ok(prefix !== undefined)
  return { prefix, reason, note: `a ${reason} of the test` }
}

/** Facts that a test may change. */
export class TestFacts implements HostFacts {
  entries: NeverEntry[] = []
  admins: NeverEntry[] = []

  async read(): Promise<{ entries: NeverEntry[]; faults: string[] }> {
    return { entries: [...this.entries, ...this.admins], faults: [] }
  }

  async readAdmins(): Promise<NeverEntry[]> {
    return this.admins
  }
}

export function pinned(...keys: readonly (readonly [SigningKey, 'pinned' | 'retired'])[]): PinnedKeys {
  return new Map(
    keys.map(([key, state]) => [key.id, readPublicKey(publicKeyText(key.publicKey), 'test', state)]),
  )
}

export class Bed {
  readonly key: SigningKey = newSigningKey()
  readonly state: string = mkdtempSync(join(tmpdir(), 'picket-enforcer-'))
  readonly facts: TestFacts = new TestFacts()
  readonly queue: MemoryQueue
  readonly logged: string[] = []
  #revision = 1_000
  #running: Enforcer | undefined

  /** `brokerAheadMs`: how far the broker's clock is ahead of this machine's. */
  constructor(brokerAheadMs = 0) {
    this.queue = new MemoryQueue({
      topics: { bans: 3, receipts: 2 },
      now: () => Date.now() + brokerAheadMs,
    })
    this.brokerAheadMs = brokerAheadMs
  }

  readonly brokerAheadMs: number

  settings(other: Partial<EnforcerSettings> = {}): EnforcerSettings {
    return {
      reporter: 'web1',
      site: '',
      instance: 'test',
      version: '0',
      topics: { bans: 'bans', receipts: 'receipts', group: 'picket-enforcer-web1' },
      state: this.state,
      firewall: { type: 'dry-run' },
      caps: { total: 20_000, perMinute: 20_000, widestV4: 24, widestV6: 64 },
      allow: [],
      peers: [],
      adminPorts: [22],
      heartbeatSeconds: 60,
      ...other,
    }
  }

  /** Resolves when it is ready. */
  async start(
    kernel: KernelBans,
    other: Partial<EnforcerSettings> = {},
    keys: PinnedKeys = pinned([this.key, 'pinned']),
  ): Promise<Enforcer> {
    const enforcer = await this.begin(kernel, other, keys)
    await until(() => enforcer.ready().ok, 'the enforcer to be ready')
    return enforcer
  }

  async begin(
    kernel: KernelBans,
    other: Partial<EnforcerSettings> = {},
    keys: PinnedKeys = pinned([this.key, 'pinned']),
    queue: Queue = this.queue,
  ): Promise<Enforcer> {
    const log = makeLogger({ level: 'debug', format: 'json' }, { write: (text) => this.logged.push(text) })
    const parts = { queue, log, metrics: new Metrics(), keys, kernel, facts: this.facts }
    this.#running = await startEnforcer(this.settings(other), parts)
    return this.#running
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  async close(): Promise<void> {
    await this.stop()
    await this.queue.close()
    rmSync(this.state, { recursive: true })
  }

  brokerNow(): number {
    return Date.now() + this.brokerAheadMs
  }

  /** A signed ban; `seconds` from now by the broker's clock, 0 lifts. */
  signed(
    subject: string,
    seconds: number,
    other: { revision?: number; hosts?: readonly string[]; key?: SigningKey; from?: number } = {},
  ): Uint8Array {
    const { revision = ++this.#revision, hosts = [], key = this.key } = other
    const from = other.from ?? this.brokerNow()
    const wishes: BanWish[] =
      seconds === 0 ? [] : [{ hosts, from, until: from + seconds * 1_000, why: 'test' }]
    return signBan({ subject, wishes, revision }, key)
  }

  async publish(...messages: readonly Uint8Array[]): Promise<void> {
    const producer = await this.queue.producer()
    for (const value of messages) await producer.send('bans', 0, [{ key: null, value }])
  }

  async ban(subject: string, seconds: number, other: Parameters<Bed['signed']>[2] = {}): Promise<void> {
    await this.publish(this.signed(subject, seconds, other))
  }

  async receipts(): Promise<BanReceipt[]> {
    return (await this.#said()).flatMap(({ ban }) => ban ?? [])
  }

  async heartbeats(): Promise<Heartbeat[]> {
    return (await this.#said()).flatMap(({ heartbeat }) => heartbeat ?? [])
  }

  /** `outcome reason` of the newest receipt of a subject. */
  async outcome(subject: string): Promise<string> {
    const receipt = (await this.receipts()).findLast((one) => one.subject === subject)
    if (receipt === undefined) return 'none'
    return receipt.outcome === 'refused' ? `refused ${receipt.why.split(':')[0]}` : receipt.outcome
  }

  async untilOutcome(subject: string, outcome: string): Promise<void> {
    let last = ''
    const isSo = async (): Promise<boolean> => {
      last = await this.outcome(subject)
      return last === outcome
    }
    await until(isSo, `${subject} to be ${outcome}`).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${last}\n${this.logged.join('')}`)
    })
  }

  async #said(): Promise<{ ban: BanReceipt | null; heartbeat: Heartbeat | null }[]> {
    const said = []
    for (const partition of [0, 1]) {
      const { start, end } = await this.queue.extent('receipts', partition)
      for await (const { value } of this.queue.read('receipts', partition, start, end)) {
        const read = MESSAGES.receipt.decode(value ?? new Uint8Array(0))
        assert.ok(read.ok)
        said.push(read.value)
      }
    }
    return said
  }
}
