/**
 * Response state: what all responders of a fleet agree on about bans: whether they are enabled, whom commands have allowed, and what
 * one of them was asked that another has to do.
 *
 * Without it (a store that was emptied) bans are a dry run: the safe side.
 */
import type { PartitionStore } from '@picket/runtime'
import type { BanRequest, KeptAllowlist } from '../../index.ts'
import { SharedValue } from '../shared-value.ts'

export interface BanSettings extends KeptAllowlist {
  readonly enabled: boolean
  readonly since: number
}

/** A request for whoever owns the subject's partition. */
export type Order =
  | { readonly kind: 'place'; readonly at: number; readonly request: BanRequest }
  | { readonly kind: 'lift'; readonly at: number; readonly id: string; readonly subject: string }

export const NO_SETTINGS: BanSettings = { enabled: false, since: 0, allow: [] }

const YEARS = 10 * 365 * 86_400
const HOUR = 3_600
const PARTITION = 'response:0'

export class ResponseState {
  readonly settings: SharedValue<BanSettings>
  readonly orders: SharedValue<readonly Order[]>

  constructor(store: PartitionStore) {
    const place = { store, partition: PARTITION }
    this.settings = new SharedValue({ ...place, key: 's', ttlSeconds: YEARS, empty: NO_SETTINGS })
    this.orders = new SharedValue<readonly Order[]>({
      ...place,
      partition: `${PARTITION}:orders`,
      key: 'q',
      ttlSeconds: HOUR,
      empty: [],
    })
  }
}

export function orderId(order: Order): string {
  return order.kind === 'place'
    ? `place ${order.request.id} ${order.request.subject}`
    : `lift ${order.id} ${order.subject}`
}

export function orderSubject(order: Order): string {
  return order.kind === 'place' ? order.request.subject : order.subject
}
