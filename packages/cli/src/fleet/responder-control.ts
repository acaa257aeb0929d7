/**
 * The responder's control: what it answers over its socket and to other machines, and that the socket is nobody else's.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Responder } from '@picket/responder/main'
import {
  askControl,
  type ControlError,
  type ControlHandler,
  serveControl,
  serveRemoteControl,
} from '@picket/runtime'
import { type RemoteListenConfig, remoteSettings } from '../config/remote-schema.ts'
import { WrongUse } from '../failures.ts'
import type { RemoteEvents } from '../remote/events.ts'
import { isBanCommand } from '../response/ban-commands.ts'
import { answerBans, isReading } from '../response/control.ts'
import { fleetDocument } from '../status/fleet-document.ts'
import type { Opened } from './opened.ts'

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

/** The responder is undefined until it has begun. */
export function answering(begun: () => Responder | undefined, policy: string): ControlHandler {
  return async (request, caller) => {
    const responder = begun()
    if (responder === undefined) throw new Error('the responder is only just starting: ask again')
    const { command, source } = request
    if (isBanCommand(command)) return answerBans(responder, request, caller)
    if (command !== 'status') throw new Error(`unknown command ${String(command)}`)
    return fleetDocument(await responder.view(), policy, source)
  }
}

export function serveResponder(path: string, handle: ControlHandler): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return serveControl(path, handle)
}

/** Where the configuration asks for it. */
export async function serveElsewhere(
  config: RemoteListenConfig | undefined,
  handle: ControlHandler,
  events: () => RemoteEvents,
  opened: Opened,
): Promise<void> {
  if (config === undefined) return
  const listener = events()
  const settings = remoteSettings(config)
  try {
    const remote = opened.add(await serveRemoteControl(settings, { handle, isReading, listener }))
    listener.listening(settings.host, remote.port)
  } catch (error) {
    throw new WrongUse(`responder.remote: ${(error as Error).message}`, { cause: error })
  }
}
