/**
 * Failures: what ends a command early, and the exit status that says so.
 *
 * `WrongUse` is the user's to mend and needs no stack; anything else that is thrown is a fault of
 * ours (or of the machine) and keeps one, shown with PICKET_DEBUG=1.
 */
import { safeText } from '@picket/schemas'

export const EXIT = { well: 0, findings: 1, wrongUse: 2, internal: 70 } as const

/** The command line or the configuration is wrong; each line of the message says what to do. */
export class WrongUse extends Error {
  override readonly name: string = 'WrongUse'
}

/** What to print for a failure, and the exit status that goes with it. */
export function tellFailure(error: unknown, debug: boolean): { text: string; status: number } {
  if (error instanceof WrongUse)
    return { text: `picket: ${safeLines(error.message)}\n`, status: EXIT.wrongUse }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (debug) return { text: `picket: internal fault\n${safeLines(stack)}\n`, status: EXIT.internal }
  const message = error instanceof Error ? error.message : String(error)
  return {
    text: `picket: internal fault: ${safeLines(message)}\n  PICKET_DEBUG=1 shows where it happened.\n`,
    status: EXIT.internal,
  }
}

function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => safeText(line))
    .join('\n')
}

/** The system's error code of a failed call, e.g. ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
