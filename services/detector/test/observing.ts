/** Running packets through a detector, for tests. */
import type { Alert, Incident, Packet } from '@picket/schemas'
import { Detector, type DetectorOptions } from '../src/detect/detector.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'

export interface Outcome {
  readonly detector: Detector<PicketScan>
  readonly incidents: Incident[]
  readonly alerts: Alert[]
}

export function observe(
  packets: readonly Packet[],
  options: Partial<DetectorOptions<PicketScan>> = {},
): Outcome {
  const alerts: Alert[] = []
  const method = new PicketMethod()
  const detector = new Detector({ method, onAlert: (alert) => alerts.push(alert), ...options })
  for (const packet of packets) detector.observe(packet)
  return { detector, incidents: detector.incidents(), alerts }
}

/** The one incident of these packets. */
export function incidentOf(packets: readonly Packet[]): Incident {
  const { incidents } = observe(packets)
  const [incident] = incidents
  if (incident === undefined || incidents.length > 1) throw new Error(`${incidents.length} incidents`)
  return incident
}

export function isQuiet(packets: readonly Packet[]): boolean {
  return observe(packets).alerts.length === 0
}
