/**
 * Contact stage: first contacts of all partitions into what many sources do together. The fold is pure and in `detect/together`.
 */
import type { Message, Put, StoreKey } from '@picket/runtime'
import { type ContactBatch, MESSAGES } from '@picket/schemas/messages'
import type { PicketPolicy } from '../detect/picket/policy.ts'
import { FleetTogether } from '../detect/together/fleet-together.ts'
import type { Changes, Onward, Poison, Stage, StageNumbers } from './stage.ts'
import { NO_NUMBERS } from './stage-numbers.ts'

export interface ContactStageOptions {
  readonly policy: PicketPolicy
  /** Partitions of picket.packets, all of which must have passed a time before it is judged. */
  readonly upstreams: number
}

export class ContactStage implements Stage {
  readonly #fold: FleetTogether
  readonly #batches: Map<number, ContactBatch> = new Map()
  #logged = 0

  constructor({ policy, upstreams }: ContactStageOptions) {
    this.#fold = new FleetTogether(policy, upstreams)
  }

  missing(): readonly StoreKey[] {
    return this.#fold.missing()
  }

  adopt(key: StoreKey, value: Uint8Array | null): void {
    this.#fold.adopt(key, value)
  }

  read(messages: readonly Message[]): readonly Poison[] {
    const poison: Poison[] = []
    for (const message of messages) {
      const decoded = MESSAGES.contactBatch.decode(message.value ?? new Uint8Array())
      if (decoded.ok) this.#batches.set(message.offset, decoded.value)
      else poison.push({ message, reason: decoded.reason, detail: decoded.detail })
    }
    return poison
  }

  fold({ offset, time }: Message): void {
    const batch = this.#batches.get(offset) as ContactBatch
    this.#batches.delete(offset)
    this.#logged = time
    this.#fold.observe(batch, offset)
  }

  onward(): readonly Onward[] {
    return []
  }

  get changed(): number {
    return 0
  }

  changes(): Changes {
    const alerts = this.#fold.takeAlerts().map((alert) => ({ alert, logged: this.#logged }))
    return { puts: this.#fold.takeChanges(), marks: [], alerts }
  }

  settle(): void {}

  views(): readonly Put[] {
    return []
  }

  atTime(): readonly Onward[] {
    return []
  }

  clocks(): readonly [] {
    return []
  }

  get numbers(): StageNumbers {
    const { late, repeated } = this.#fold.counts
    return { ...NO_NUMBERS, late, repeated }
  }
}
