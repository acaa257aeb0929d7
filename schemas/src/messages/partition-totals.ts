/** Partition totals: generated from schemas/avro/partition-totals.avsc by scripts/generate-types.mjs; do not edit. */

/** What one partition has seen in all, and its busiest sources and ports: what `status` shows beside incidents. */
export interface PartitionTotals {
  /** The last message counted. */
  readonly offset: number
  readonly batches: number
  readonly packets: number
  /** Oldest event time; 0 without packets. */
  readonly from: number
  /** Newest event time that its broker time confirms; 0 without packets. */
  readonly to: number
  readonly observed: Readonly<Record<string, number>>
  readonly protocols: Readonly<Record<string, number>>
  /** Packets of the busiest. */
  readonly sources: Readonly<Record<string, number>>
  /** Packets by tcp/22 and the like. */
  readonly ports: Readonly<Record<string, number>>
  /** Packets by log prefix. */
  readonly prefixes: Readonly<Record<string, number>>
  /** Packets by the machine that logged them. */
  readonly reporters: Readonly<Record<string, number>>
  /** Batches that agents numbered and that never came. */
  readonly missing: number
  /** Batches that came again and were not counted. */
  readonly repeated: number
  /** Packets behind the lateness that is waited for. */
  readonly late: number
  /** Packets whose clock ran ahead of the broker's and that have its time. */
  readonly ahead: number
}
