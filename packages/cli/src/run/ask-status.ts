/**
 * Ask status: the client's side of `picket status`.
 */
import { askControl } from '@picket/runtime'
import type { FleetStatusDocument } from '../status/fleet-document.ts'
import type { StatusDocument } from './status.ts'

export interface StatusQuestion {
  /** Only incidents of this address, or of the network that it lies in. */
  readonly source?: string | undefined
}

/** Throws ControlError: its `reason` is `absent` when nobody runs there. It is the caller who knows whom it asked. */
export async function askStatus<D extends StatusDocument | FleetStatusDocument = StatusDocument>(
  socket: string,
  question: StatusQuestion = {},
): Promise<D> {
  const answer = await askControl(socket, { command: 'status', ...question })
  return answer as D
}
