/**
 * Host views: the store of one host, and in it incidents as they now stand.
 *
 * In a fleet the detector writes each incident into the store once a second, where it may be newer than its last alert. Here it is this very
 * process and is asked when somebody looks; nothing is written.
 */
import type { PartitionName, PartitionStore, StoreKey } from '@picket/runtime'
import type { Incident } from '@picket/schemas'
import { alertMessage, MESSAGES } from '@picket/schemas/messages'
import { partitionName } from './seat.ts'
import { decodeIncident, incidentKey } from './stored-values.ts'

/** The incident of a source that is open now. */
export type CurrentIncident = (source: string) => Incident | undefined

const ALERTS = partitionName('alerts', 0)
const PACKETS = partitionName('packets', 0)
const VIEW = 'i'

/** Of the store, only what is read of views is another. */
export function withViews(store: PartitionStore, current: CurrentIncident): PartitionStore {
  return {
    claim: (name) => store.claim(name),
    position: (name) => store.position(name),
    ownership: (name, epoch, expected) => store.ownership(name, epoch, expected),
    commit: (name, commit) => store.commit(name, commit),
    trim: (name, epoch, place) => store.trim(name, epoch, place),
    note: (name, epoch, puts) => store.note(name, epoch, puts),
    keys: (name, beginning) => store.keys(name, beginning),
    reachable: () => store.reachable(),
    close: () => store.close(),
    load: (name, keys) => (name === PACKETS ? views(store, keys, current) : store.load(name, keys)),
  }
}

async function views(
  store: PartitionStore,
  keys: readonly StoreKey[],
  current: CurrentIncident,
): Promise<(Uint8Array | null)[]> {
  const wanted = keys.map((key) => (key.startsWith(VIEW) ? incidentKey(key.slice(VIEW.length)) : ''))
  const stored = await loadFrom(store, ALERTS, wanted)
  return stored.map((value) => (value === null ? null : viewOf(value, current)))
}

/** '' is none. */
async function loadFrom(
  store: PartitionStore,
  name: PartitionName,
  keys: readonly StoreKey[],
): Promise<(Uint8Array | null)[]> {
  const values = await store.load(name, keys)
  return values.map((value, at) => (keys[at] === '' ? null : value))
}

function viewOf(value: Uint8Array, current: CurrentIncident): Uint8Array | null {
  const { alert } = decodeIncident(value) ?? {}
  const incident =
    alert === undefined || alert.incident.source === null ? undefined : current(alert.incident.source)
  // The source may have begun another one since
  if (alert === undefined || incident?.id !== alert.incident.id) return null
  const { id, revision, rose, time } = alert
  return MESSAGES.alert.encode(alertMessage({ id, revision, rose: rose as never, time, incident }, 0))
}
