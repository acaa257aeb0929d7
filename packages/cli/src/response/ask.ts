/**
 * Ask: a question of a command to the responder of this machine, or to the guard that decides alone, and what to do where nobody answers.
 */
import { askControl, ControlError } from '@picket/runtime'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { controlPathOf } from '../run/settings.ts'
import { isOfFleet, responderSocket } from '../status/fleet-socket.ts'

export interface AskFlags {
  readonly config?: string
  readonly socket?: string
  readonly json?: boolean
}

export async function askResponder<T>(flags: AskFlags, request: { readonly command: string }): Promise<T> {
  const socket = flags.socket ?? (await socketOf(flags))
  try {
    return (await askControl(socket, request)) as T
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    throw new WrongUse(`${error.message}${WHAT_TO_DO[error.reason]}`, { cause: error })
  }
}

async function socketOf(flags: AskFlags): Promise<string> {
  const { config, yaml } = await loadConfig(findConfig(flags.config, process.env))
  return isOfFleet(yaml) ? responderSocket(config) : controlPathOf(config)
}

const WHAT_TO_DO: Readonly<Record<ControlError['reason'], string>> = {
  absent:
    '\n  Ask where "picket run" or a fleet’s "picket responder" runs, or name its socket: --socket PATH.',
  denied: '\n  Only the user that runs it and root may ask: try sudo.',
  refused: '',
  broken: '\n  It may be ending just now: ask again.',
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
