/**
 * What the fleet found: the alerts on their topic, repeats removed by id as every reader does, and the scans in the store.
 */
import { PicketMethod, readStoredScan } from '@picket/detector'
import type { PartitionStore, Queue } from '@picket/runtime'
import type { Alert, Incident } from '@picket/schemas'
import { alertOf, MESSAGES } from '@picket/schemas/messages'
import { all } from './oracle.ts'

export interface Found {
  readonly alerts: ReadonlyMap<string, Alert>
  /** Alerts that came more than once: allowed, as each reader knows them by their id. */
  readonly repeated: number
  readonly incidents: ReadonlyMap<string, Incident>
}

export async function foundBy(queue: Queue, store: PartitionStore, prefix = 'picket'): Promise<Found> {
  const alerts = new Map<string, Alert>()
  let repeated = 0
  for (let partition = 0; partition < (await queue.partitions(`${prefix}.alerts`)); partition++) {
    for (const { value } of await all(queue, `${prefix}.alerts`, partition)) {
      const decoded = MESSAGES.alert.decode(value ?? new Uint8Array())
      if (!decoded.ok) throw new Error(`an alert cannot be read: ${decoded.detail}`)
      const alert = alertOf(decoded.value)
      if (alerts.has(alert.id)) repeated++
      alerts.set(alert.id, alert)
    }
  }
  return { alerts, repeated, incidents: await storedIncidents(queue, store, prefix) }
}

async function storedIncidents(
  queue: Queue,
  store: PartitionStore,
  prefix: string,
): Promise<Map<string, Incident>> {
  const incidents = new Map<string, Incident>()
  for (let partition = 0; partition < (await queue.partitions(`${prefix}.packets`)); partition++) {
    const name = `packets:${partition}`
    for await (const key of store.keys(name, 's')) {
      const incident = incidentIn((await store.load(name, [key]))[0] ?? undefined)
      if (incident !== undefined) incidents.set(incident.id, incident)
    }
  }
  return incidents
}

function incidentIn(bytes: Uint8Array | undefined): Incident | undefined {
  const method = new PicketMethod()
  const stored = bytes === undefined ? undefined : readStoredScan(bytes)
  const scan = stored === undefined ? undefined : method.restore(stored.state)
  if (scan === undefined) throw new Error('a stored scan cannot be read')
  return scan.level > 0 ? method.incident(scan) : undefined
}
