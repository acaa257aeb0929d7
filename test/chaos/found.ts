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
  const method = new PicketMethod()
  for (let partition = 0; partition < (await queue.partitions(`${prefix}.packets`)); partition++) {
    const name = `packets:${partition}`
    for await (const key of store.keys(name, 's')) {
      const [bytes] = await store.load(name, [key])
      const stored = bytes === null || bytes === undefined ? undefined : readStoredScan(bytes)
      const scan = stored === undefined ? undefined : method.restore(stored.state)
      if (scan === undefined)
        throw new Error(`the scan of ${Buffer.from(key, 'latin1').toString('hex')} cannot be read`)
      if (scan.level > 0) incidents.set(method.incident(scan).id, method.incident(scan))
    }
  }
  return incidents
}
