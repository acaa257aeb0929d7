/** Receipt: generated from schemas/avro/receipt.avsc by scripts/generate-types.mjs; do not edit. */

/** What a process of the fleet says of itself (heartbeat), or what an enforcer did with a ban. Two fields and no union of records, so that a third kind can come without breaking older readers. */
export interface Receipt {
  /** collector, enforcer, detector or responder. */
  readonly service: string
  /** Agent id on a host, process id and host name elsewhere. */
  readonly instance: string
  /** The machine. */
  readonly reporter: string
  /** Its own clock, ms since 1970 UTC. */
  readonly time: number
  readonly version: string
  readonly heartbeat: Heartbeat | null
  readonly ban: BanReceipt | null
}

export interface Heartbeat {
  readonly started: number
  /** When the next one is due. */
  readonly everyMs: number
  /** running, or stopping: the last one of an orderly end. */
  readonly state: string
  /** What is wrong, in words. */
  readonly faults: readonly string[]
  /** A few figures by name, such as spoolBytes, spoolOldestSeconds, lines, packets, lost, lagRecords. */
  readonly numbers: Readonly<Record<string, number>>
}

export interface BanReceipt {
  readonly subject: string
  readonly revision: number
  /** applied, lifted, refused, expired or failed. */
  readonly outcome: string
  readonly why: string
  /** When the kernel showed it, ms since 1970 UTC; 0 when it was not applied. */
  readonly kernelReadBack: number
}
