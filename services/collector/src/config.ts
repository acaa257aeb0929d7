/**
 * Where a collector reads from, as settings.
 *
 * `name` is part of every packet's identity (and so of incident ids): two sources must not share one,
 * and renaming a source makes its next incidents new ones.
 */
import type { ZoneOffset } from './parse/envelope/local-time.ts'
import type { VerdictMap } from './parse/verdict-words.ts'

interface Named {
  /** Shown in logs, metrics and status; unique in one run. */
  readonly name: string
}

/** A log file that is appended to and rotated. */
export interface FileSettings extends Named {
  readonly type: 'file'
  readonly path: string
  /** Where reading starts when no position is saved. Default `end` (DESIGN 5). */
  readonly from?: 'start' | 'end' | undefined
}

/** The kernel's lines in the systemd journal, read by `journalctl`. */
export interface JournalSettings extends Named {
  readonly type: 'journal'
  /** The executable, and arguments that stand before ours. Default `['journalctl']`. */
  readonly command?: readonly string[] | undefined
}

/** The kernel's ring buffer. */
export interface KmsgSettings extends Named {
  readonly type: 'kmsg'
  /** Default `/dev/kmsg`. */
  readonly path?: string | undefined
}

/** A unix stream socket on which ulogd2 (or any writer of lines) connects to us. */
export interface SocketSettings extends Named {
  readonly type: 'socket'
  readonly path: string
}

/** Standard input. */
export interface StdinSettings extends Named {
  readonly type: 'stdin'
}

export type SourceSettings = FileSettings | JournalSettings | KmsgSettings | SocketSettings | StdinSettings

/** A collector of a fleet: from its sources to the broker. */
export interface CollectorSettings {
  readonly sources: readonly SourceSettings[]
  /** Label where private networks overlap; '' otherwise. */
  readonly site: string
  /** Name of this machine; what its packets are reported under where their lines name none. */
  readonly reporter: string
  readonly topics: {
    readonly packets: string
    readonly receipts: string
    /** Of packets; fixed for a topic's life. */
    readonly partitions: number
    readonly receiptPartitions: number
  }
  readonly spool: {
    readonly path: string
    readonly maxBytes: number
    readonly maxAgeDays: number
    /** Of one file; tests want small ones. */
    readonly segmentBytes?: number | undefined
  }
  /** A batch is sealed at whichever comes first. */
  readonly batch: { readonly records: number; readonly bytes: number; readonly ageMs: number }
  readonly heartbeatSeconds: number
  /** Words of log prefixes. */
  readonly verdicts: VerdictMap
  /** For stamps that name no zone. */
  readonly zone: ZoneOffset
  readonly version: string
}
