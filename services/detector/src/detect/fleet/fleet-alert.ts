/** Alerts of the fleet: an alert, the packet that caused it, and when the broker took that packet. */
import type { Alert, Evidence } from '@picket/schemas'

export interface FleetAlert extends Alert {
  /** ms since 1970 UTC. Not part of the id, which says what was seen and not when it was read. */
  readonly logged: number
  readonly evidence: readonly Evidence[]
}
