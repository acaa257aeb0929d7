/**
 * Incident views: incidents as the detector keeps them current in the store, where they may be newer than their last alert.
 *
 * They lie with the packets of their source, and are written each second; nothing depends on them being there.
 */
import type { PartitionStore, StoreKey } from '@picket/runtime'
import { parseAddress, partitionOf } from '@picket/schemas'
import type { AlertMessage } from '@picket/schemas/messages'
import { readView } from './read-message.ts'
import { partitionName } from './seat.ts'

/** What is asked of an incident: where its packets are. */
export interface Viewed {
  readonly id: string
  readonly source: string | null
}

const KEYS_A_LOAD = 200

/** In portions, since a load is one command of the store, which stands still meanwhile. */
export async function loadAll(
  store: PartitionStore,
  name: string,
  keys: readonly StoreKey[],
): Promise<(Uint8Array | null)[]> {
  const values: (Uint8Array | null)[] = []
  for (let at = 0; at < keys.length; at += KEYS_A_LOAD)
    values.push(...(await store.load(name, keys.slice(at, at + KEYS_A_LOAD))))
  return values
}

/** By incident; `partitions` are those of the packets. */
export async function loadViews(
  store: PartitionStore,
  incidents: readonly Viewed[],
  partitions: number,
): Promise<Map<string, AlertMessage>> {
  const idsByPartition = new Map<number, string[]>()
  for (const { id, source } of incidents) {
    const address = source === null ? undefined : parseAddress(source)
    if (address === undefined || partitions === 0) continue
    const partition = partitionOf(address, partitions)
    const ids = idsByPartition.get(partition) ?? []
    idsByPartition.set(partition, ids)
    ids.push(id)
  }
  const loads = [...idsByPartition].map(([partition, ids]) =>
    loadAll(
      store,
      partitionName('packets', partition),
      ids.map((id) => `i${id}`),
    ),
  )
  const values = (await Promise.all(loads)).flat()
  const views = values.flatMap((value) => {
    const view = value === null || value.length === 0 ? undefined : readView(value)
    return view?.ok === true ? [[view.value.incident.id, view.value] as const] : []
  })
  return new Map(views)
}
