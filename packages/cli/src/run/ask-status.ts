/**
 * Ask status: the client's side of `picket status`.
 */
import { askControl } from '@picket/runtime'
import type { StatusDocument } from './status.ts'

export interface StatusQuestion {
  /** Only incidents of this address, or of the network that it lies in. */
  readonly source?: string | undefined
}

/** Throws ControlError: its `reason` is `absent` when no guard runs there. */
export async function askStatus(socket: string, question: StatusQuestion = {}): Promise<StatusDocument> {
  const answer = await askControl(socket, { command: 'status', ...question })
  return answer as StatusDocument
}
