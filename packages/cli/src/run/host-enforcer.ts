/**
 * The enforcer of `picket run`: the fleet's own, by way of a queue in memory, and only from when bans are to be real.
 *
 * Until then the firewall is looked at and not touched. What this host never bans is known all the time, since what is said of a dry run
 * must be true as well.
 */
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Chosen,
  chooseFirewall,
  type Enforcer,
  NeverList,
  readSubject,
  SystemFacts,
  startEnforcer,
} from '@picket/collector/enforcer'
import { type Reason, reason } from '@picket/responder'
import type { Host } from '@picket/responder/main'
import type { Logger, MemoryQueue, Metrics } from '@picket/runtime'
import { type PinnedKeys, publicKeyText, readPublicKey, type SigningKey } from '@picket/runtime/bans'
import { printPrefix } from '@picket/schemas'
import type { OwnNever } from '../response/bans.ts'
import type { RunEvents } from './events.ts'
import type { HostResponseSettings } from './settings.ts'

export interface HostEnforcerParts {
  readonly queue: MemoryQueue
  readonly prefix: string
  readonly key: SigningKey
  readonly log: Logger
  readonly metrics: Metrics
  readonly events: RunEvents
}

const FACTS_MS = 60_000
/** All who read the queue are less than a second behind; what is older than so many messages is read by nobody. */
const KEPT_MESSAGES = 1_000
const READY_LOOK_MS = 20
const HELD_TOPICS = ['bans', 'receipts'] as const

export class HostEnforcer implements Host {
  readonly #parts: HostEnforcerParts
  readonly #facts: SystemFacts
  readonly #never: NeverList
  #settings: HostResponseSettings['enforcer']
  #chosen: Promise<Chosen> | undefined
  #enforcer: Enforcer | undefined
  #starting: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(settings: HostResponseSettings['enforcer'], parts: HostEnforcerParts) {
    this.#settings = settings
    this.#parts = parts
    this.#facts = new SystemFacts(settings)
    this.#never = new NeverList(this.#facts, settings.allow)
  }

  /** Learns whom to protect, and by what it could ban. Changes nothing on this host. */
  async look(): Promise<void> {
    await Promise.all([this.#never.learnAll(), this.#choose()])
    this.#timer ??= setInterval(() => void this.#refresh(), FACTS_MS)
  }

  async #refresh(): Promise<void> {
    await this.#never.learnAll()
    if (this.#enforcer !== undefined) this.#trim()
  }

  get name(): string {
    return this.#settings.reporter
  }

  protects(subject: string): Reason | undefined {
    const parsed = readSubject(subject)
    const entry = parsed === undefined ? undefined : this.#never.at(Date.now()).find(parsed)
    if (entry === undefined) return undefined
    return reason(
      'host-refused',
      `not banned: this host never bans ${subject} (${entry.reason}: ${entry.note})`,
    )
  }

  /** What it protects of itself, to be shown before bans become real. */
  get own(): readonly OwnNever[] {
    const all = this.#never.learned.map(({ prefix, note }) => ({ network: printPrefix(prefix), note }))
    return [...new Map(all.map((entry) => [entry.network, entry])).values()]
  }

  readonly isEnforcing = (): boolean => this.#enforcer?.ready().ok === true

  get faults(): readonly string[] {
    return this.#enforcer?.healthy().reasons ?? []
  }

  /** Bans on this host are real from now on, if anything here can ban. Resolves when it is so. */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: Error) => {
      // Whoever asks again tries again
      if (this.#enforcer === undefined) this.#starting = this.#chosen = undefined
      throw error
    })
    return this.#starting
  }

  async #start(): Promise<void> {
    const { queue, prefix, log, metrics } = this.#parts
    const { kernel } = await this.#choose()
    const settings = {
      ...{ ...this.#settings, forgets: true },
      topics: { bans: `${prefix}.bans`, receipts: `${prefix}.receipts`, group: `${prefix}-enforcer` },
    }
    const enforcer = await startEnforcer(settings, { queue, log, metrics, keys: this.#keys(), kernel })
    this.#enforcer = enforcer
    await Promise.race([until(() => enforcer.ready().ok), enforcer.failed.then(raise)])
  }

  #choose(): Promise<Chosen> {
    this.#chosen ??= chooseFirewall(this.#settings.firewall).then((chosen) => {
      this.#parts.events.firewallFound(chosen.kernel, chosen.passedOver)
      return chosen
    })
    return this.#chosen
  }

  #keys(): PinnedKeys {
    const { key } = this.#parts
    return new Map([[key.id, readPublicKey(publicKeyText(key.publicKey), 'the key of this run')]])
  }

  #trim(): void {
    const { queue, prefix } = this.#parts
    for (const topic of HELD_TOPICS) {
      void queue.extent(`${prefix}.${topic}`, 0).then(({ end }) => {
        queue.trim(`${prefix}.${topic}`, 0, end - KEPT_MESSAGES)
      })
    }
  }

  /** The allowlist of a new configuration; the rest holds until the next start. */
  async use(settings: HostResponseSettings['enforcer']): Promise<void> {
    this.#settings = settings
    this.#never.setAllow(settings.allow)
    await this.#enforcer?.use(this.#keys(), settings.allow)
  }

  /** Bans stay in the kernel, and end by themselves. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#starting?.catch(() => undefined)
    await this.#enforcer?.stop()
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(READY_LOOK_MS)
}

function raise(error: Error): never {
  throw error
}
