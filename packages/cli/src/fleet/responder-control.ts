/**
 * The responder's control socket: what it answers, and that it is nobody else's.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Responder } from '@picket/responder/main'
import { askControl, type ControlError, type ControlRequest, serveControl } from '@picket/runtime'
import { WrongUse } from '../failures.ts'
import { isBanCommand } from '../response/ban-commands.ts'
import { answerBans } from '../response/control.ts'
import { fleetDocument } from '../status/fleet-document.ts'

/** Whether somebody listens is known at once; what he answers does not matter. */
const PING_MS = 2_000

/** A dead one's socket is replaced, a living one's never. */
export async function refuseTaken(path: string): Promise<void> {
  try {
    await askControl(path, { command: 'ping' }, PING_MS)
  } catch (error) {
    const { reason } = error as ControlError
    if (reason === 'absent') return
    if (reason !== 'refused') throw new WrongUse((error as Error).message, { cause: error })
  }
  throw new WrongUse(`another picket listens at ${path}: give this one its own (responder.control)`)
}

export function serveResponder(
  path: string,
  responder: Responder,
  policy: string,
): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return serveControl(path, async (request: ControlRequest) => {
    const { command, source } = request
    if (isBanCommand(command)) return answerBans(responder, request)
    if (command !== 'status') throw new Error(`unknown command ${String(command)}`)
    return fleetDocument(await responder.view(), policy, source)
  })
}
