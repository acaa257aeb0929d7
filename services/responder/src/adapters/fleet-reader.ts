/**
 * Fleet reader: what `picket status` is answered with, of the whole fleet.
 *
 * It reads the store and never claims, so any responder answers for all partitions and disturbs nobody. An incident is
 * shown by whichever knows more packets: its last alert, or the view that the detector keeps current.
 */
import type { PartitionStore, Queue } from '@picket/runtime'
import {
  type AlertMessage,
  type IncidentRecord,
  MESSAGES,
  type PartitionTotals,
} from '@picket/schemas/messages'
import { addTotals, type DecisionNote, type PartTotals, type Process, partsOf, type Told } from '../index.ts'
import { loadAll, loadViews } from './incident-views.ts'
import { type Backlog, LagReader } from './lag-reader.ts'
import { partitionName } from './seat.ts'
import { decodeIncident, decodeKeys, decodeProcess, KEYS_KEY, type StoredIncident } from './stored-values.ts'
import { TopicSizes } from './topic-sizes.ts'

export interface FleetIncident {
  readonly incident: IncidentRecord
  /** Id of the incident of many sources that it is a small part of. */
  readonly partOf: string | undefined
  readonly told: Told | null
  readonly decisions: readonly DecisionNote[]
}

export interface FleetRecord {
  readonly incidents: readonly FleetIncident[]
  readonly totals: PartTotals
  readonly processes: readonly Process[]
  readonly backlogs: readonly Backlog[]
}

export class FleetReader {
  readonly #store: PartitionStore
  readonly #sizes: TopicSizes
  readonly #lags: LagReader

  constructor(queue: Queue, store: PartitionStore, prefix: string) {
    this.#store = store
    this.#sizes = new TopicSizes(queue, prefix)
    this.#lags = new LagReader(queue, store, this.#sizes)
  }

  /** `oldest`: incidents last seen before are left out. */
  async read(oldest: number): Promise<FleetRecord> {
    const packets = await this.#sizes.of('packets')
    const [stored, processes, totals, backlogs] = await Promise.all([
      this.#values('alerts', decodeIncident),
      this.#values('receipts', decodeProcess),
      this.#totals(packets),
      this.#lags.read(),
    ])
    const kept = stored.filter(({ alert }) => alert.incident.lastSeen >= oldest)
    return {
      incidents: await this.#current(kept, packets),
      totals: addTotals(totals),
      processes,
      backlogs,
    }
  }

  /** The last one of each incident. */
  async alerts(): Promise<AlertMessage[]> {
    return (await this.#values('alerts', decodeIncident)).map(({ alert }) => alert)
  }

  async #values<T>(topic: string, decode: (value: Uint8Array) => T | undefined): Promise<T[]> {
    const partitions = await this.#sizes.of(topic)
    const names = Array.from({ length: partitions }, (_, partition) => partitionName(topic, partition))
    const all = await Promise.all(names.map((name) => this.#valuesOf(name, decode)))
    return all.flat()
  }

  async #valuesOf<T>(name: string, decode: (value: Uint8Array) => T | undefined): Promise<T[]> {
    const [list] = await this.#store.load(name, [KEYS_KEY])
    const values = await loadAll(this.#store, name, decodeKeys(list))
    return values.flatMap((value) => {
      const decoded = value === null || value.length === 0 ? undefined : decode(value)
      return decoded === undefined ? [] : [decoded]
    })
  }

  async #totals(partitions: number): Promise<PartitionTotals[]> {
    const names = Array.from({ length: partitions }, (_, partition) => partitionName('packets', partition))
    const all = await Promise.all(names.map((name) => this.#store.load(name, ['t'])))
    return all.flatMap(([value]) => {
      const totals =
        value === null || value === undefined ? undefined : MESSAGES.partitionTotals.decode(value)
      return totals?.ok === true ? [totals.value] : []
    })
  }

  async #current(stored: readonly StoredIncident[], partitions: number): Promise<FleetIncident[]> {
    const incidents = stored.map(({ alert }) => alert.incident)
    const views = await loadViews(this.#store, incidents, partitions)
    const all = stored.map(({ alert, standing }) => {
      const view = views.get(alert.incident.id)
      const isNewer = view !== undefined && view.incident.packets > alert.incident.packets
      return {
        incident: isNewer ? view.incident : alert.incident,
        told: standing.told,
        decisions: standing.decisions ?? [],
      }
    })
    const parts = partsOf(all.map(({ incident }) => incident))
    return all.map((entry) => ({ ...entry, partOf: parts.get(entry.incident.id) }))
  }
}
