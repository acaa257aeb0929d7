/** What a run has of the outside beside its settings. */
import type { LogStream } from '@picket/runtime'
import type { AlertStream } from './sinks.ts'

export interface RunIo {
  readonly stdout: AlertStream
  readonly stderr: LogStream
  /** Nobody reads standard output any more. */
  readonly onReaderGone: (error: Error) => void
}
