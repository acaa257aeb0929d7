/**
 * Ask: a question of a command to the responder of this machine or of another one, or to the guard that decides alone, and what to do
 * where nobody answers.
 */
import { ControlError } from '@picket/runtime'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { askAt, type Place, type PlaceFlags, remotePlace, toldOfRemote } from '../remote/place.ts'
import { controlPathOf } from '../run/settings.ts'
import { isOfFleet, responderSocket } from '../status/fleet-socket.ts'

export interface AskFlags extends PlaceFlags {
  readonly config?: string
  readonly json?: boolean
}

export async function askResponder<T>(flags: AskFlags, request: { readonly command: string }): Promise<T> {
  const place = await placeOf(flags)
  try {
    return (await askAt(place, request)) as T
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    if ('remote' in place) throw toldOfRemote(error)
    throw new WrongUse(`${error.message}${WHAT_TO_DO[error.reason]}`, { cause: error })
  }
}

async function placeOf(flags: AskFlags): Promise<Place> {
  if (flags.socket !== undefined) return { socket: flags.socket }
  const { config, yaml } = await loadConfig(findConfig(flags.config, process.env))
  const remote = remotePlace(flags, config.remote)
  if (remote !== undefined) return { remote }
  return { socket: isOfFleet(yaml) ? responderSocket(config) : controlPathOf(config) }
}

const WHAT_TO_DO: Readonly<Record<ControlError['reason'], string>> = {
  absent:
    '\n  Ask where "picket run" or a fleet’s "picket responder" runs, name its socket: --socket PATH, or ask over TLS: --responder HOST:PORT.',
  denied: '\n  Only the user that runs it and root may ask: try sudo.',
  refused: '',
  broken: '\n  It may be ending just now: ask again.',
  untrusted: '',
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
