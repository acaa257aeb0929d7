/**
 * `picket status`: asks the running guard over its control socket, and shows the answer as a report.
 */
import { join } from 'node:path'
import { ControlError } from '@picket/runtime'
import { networkOf } from '../analyze/command.ts'
import type { StatusFlags } from '../commands/status.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { WrongUse } from '../failures.ts'
import { pageFor } from '../report/page.ts'
import { jsonPieces } from '../report/print-json.ts'
import { askStatus } from '../run/ask-status.ts'
import type { StatusDocument } from '../run/status.ts'
import { writeAll } from '../terminal/write.ts'
import { zoneNamed } from '../zone.ts'
import { renderStatus } from './render.ts'

export async function runStatus(flags: StatusFlags): Promise<void> {
  if (flags.source !== undefined) networkOf(flags.source, '--source')
  const status = await ask(flags.socket ?? (await configuredSocket(flags)), flags.source)
  if (flags.json === true) {
    for (const piece of jsonPieces(status)) await writeAll(process.stdout, piece)
    return
  }
  process.stdout.write(renderStatus(status, pageFor(flags, zoneNamed(flags.tz))))
}

async function configuredSocket(flags: StatusFlags): Promise<string> {
  const { config } = await loadConfig(findConfig(flags.config, process.env))
  return config.control ?? join(config.state, 'control.sock')
}

async function ask(socket: string, source: string | undefined): Promise<StatusDocument> {
  try {
    return await askStatus(socket, { source })
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    throw new WrongUse(`${error.message}\n${WHAT_TO_DO[error.reason]}`)
  }
}

const WHAT_TO_DO: Readonly<Record<ControlError['reason'], string>> = {
  absent:
    '  Start it with "sudo picket run", or name its socket: --socket PATH, or its configuration: --config FILE.',
  denied: '  Only the user that runs it and root may ask: try sudo.',
  refused: '  The running picket may be of another version than this command.',
  broken: '  It may be ending just now: ask again.',
}
