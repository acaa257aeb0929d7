/** What the ban desk is made of. */
import type { PartitionStore, Producer, Queue } from '@picket/runtime'
import type { SigningKey } from '@picket/runtime/bans'
import type { BanEvents } from '../../ban-events.ts'
import type { AllowEntry, BanPolicy } from '../../index.ts'

export interface BanDeskOptions {
  readonly queue: Queue
  readonly store: PartitionStore
  readonly prefix: string
  /** Both are there before anything is owned. */
  readonly producer: () => Producer
  readonly partitions: () => number
  /** Without one, nothing can be banned. */
  readonly key: SigningKey | undefined
  readonly policy: BanPolicy
  /** Of the configuration. */
  readonly allow: readonly AllowEntry[]
  readonly confirmMs: number
  readonly now: () => number
  readonly events: BanEvents
}

/** What a new configuration may change. */
export type BanDeskSettings = Pick<BanDeskOptions, 'policy' | 'allow' | 'confirmMs'>
