/**
 * Ask: a question of a command to the responder of this machine, and what to do where nobody answers.
 */
import { askControl, ControlError } from '@picket/runtime'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { responderSocket } from '../status/fleet-socket.ts'

export interface AskFlags {
  readonly config?: string
  readonly socket?: string
  readonly json?: boolean
}

export async function askResponder<T>(flags: AskFlags, request: { readonly command: string }): Promise<T> {
  const socket =
    flags.socket ?? responderSocket((await loadConfig(findConfig(flags.config, process.env))).config)
  try {
    return (await askControl(socket, request)) as T
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    throw new WrongUse(`${error.message}${WHAT_TO_DO[error.reason]}`, { cause: error })
  }
}

const WHAT_TO_DO: Readonly<Record<ControlError['reason'], string>> = {
  absent: '\n  Ask where a responder runs ("picket responder"), or name its socket: --socket PATH.',
  denied: '\n  Only the user that runs it and root may ask: try sudo.',
  refused: '',
  broken: '\n  It may be ending just now: ask again.',
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
