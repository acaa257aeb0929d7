/**
 * `picket status`: asks the running guard, or the responder of a fleet, over its control socket, and shows the answer as a report.
 */
import { ControlError } from '@picket/runtime'
import { networkOf } from '../analyze/command.ts'
import type { StatusFlags } from '../commands/status.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { askAt, type Place, remotePlace, toldOfRemote } from '../remote/place.ts'
import { pageFor } from '../report/page.ts'
import { jsonPieces } from '../report/print-json.ts'
import { controlPathOf } from '../run/settings.ts'
import type { StatusDocument } from '../run/status.ts'
import { writeAll } from '../terminal/write.ts'
import { zoneNamed } from '../zone.ts'
import type { FleetStatusDocument } from './fleet-document.ts'
import { isOfFleet, responderSocket } from './fleet-socket.ts'
import { renderStatus } from './render.ts'
import { renderFleet } from './render-fleet.ts'

export async function runStatus(flags: StatusFlags): Promise<void> {
  if (flags.source !== undefined) networkOf(flags.source, '--source')
  const { place, who } = await asked(flags)
  const status = await ask(place, who, flags.source)
  if (flags.json === true) {
    for (const piece of jsonPieces(status)) await writeAll(process.stdout, piece)
    return
  }
  const page = pageFor(flags, zoneNamed(flags.tz))
  process.stdout.write('fleet' in status ? renderFleet(status, page) : renderStatus(status, page))
}

type Who = 'guard' | 'responder'

interface Asked {
  readonly place: Place
  /** Who is expected there. */
  readonly who: Who
}

async function asked(flags: StatusFlags): Promise<Asked> {
  if (flags.socket !== undefined) return { place: { socket: flags.socket }, who: 'guard' }
  const { yaml, config } = await loadConfig(findConfig(flags.config, process.env))
  const remote = remotePlace(flags, config.remote)
  if (remote !== undefined) return { place: { remote }, who: 'responder' }
  return isOfFleet(yaml)
    ? { place: { socket: responderSocket(config) }, who: 'responder' }
    : { place: { socket: controlPathOf(config) }, who: 'guard' }
}

async function ask(
  place: Place,
  who: Who,
  source: string | undefined,
): Promise<StatusDocument | FleetStatusDocument> {
  try {
    return (await askAt(place, { command: 'status', source })) as StatusDocument | FleetStatusDocument
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    if ('remote' in place) throw toldOfRemote(error)
    throw new WrongUse(
      `${error.message}\n${error.reason === 'absent' ? ABSENT[who] : WHAT_TO_DO[error.reason]}`,
    )
  }
}

const ABSENT: Readonly<Record<Who, string>> = {
  guard:
    '  Start it with "sudo picket run", or name its socket: --socket PATH, or its configuration: --config FILE.',
  responder:
    '  This is the configuration of a fleet: ask where a responder runs ("picket responder"), or name its socket: --socket PATH.',
}

const WHAT_TO_DO: Readonly<Record<Exclude<ControlError['reason'], 'absent'>, string>> = {
  denied: '  Only the user that runs it and root may ask: try sudo.',
  refused: '  The running picket may be of another version than this command.',
  broken: '  It may be ending just now: ask again.',
  untrusted: '',
}
