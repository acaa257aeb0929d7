/**
 * Faults: what Redis or the connection complains of, as a StoreError, and whether the command may have been carried out.
 *
 * Within scripts the code stands somewhere inside the message (Redis 6.2 puts it behind the line number), hence patterns.
 */
import { StoreError, type StoreFault } from '../partition-store.ts'

const ANSWERS: readonly (readonly [RegExp, StoreFault])[] = [
  [/\bOOM\b/, 'full'],
  [/\b(READONLY|MISCONF|NOREPLICAS)\b/, 'read-only'],
  [/\b(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNBLOCKED)\b|killed by user/, 'busy'],
  [/\b(NOAUTH|WRONGPASS|NOPERM)\b|user executing the script can't/, 'denied'],
]

/** These never left the process. */
const UNSENT = /enableOfflineQueue options is false/

export function storeErrorOf(thrown: unknown, where: string): StoreError {
  if (thrown instanceof StoreError) return thrown
  const error = innermost(thrown)
  const text = error instanceof Error ? error.message : String(error)
  return new StoreError(faultOf(error, text), `${where}: ${text}`, error)
}

/** Of a cluster that cannot be reached at all, the last node says more than the cluster. */
function innermost(error: unknown): unknown {
  const inner = error instanceof Error && 'lastNodeError' in error ? error.lastNodeError : undefined
  return inner ?? error
}

function faultOf(error: unknown, text: string): StoreFault {
  const known = ANSWERS.find(([pattern]) => pattern.test(text))
  if (known !== undefined) return known[1]
  return isAnswer(error) ? 'broken' : 'unreachable'
}

/** No answer came although the command was sent: only asking again can tell what became of it. */
export function isInDoubt(error: unknown): boolean {
  return error instanceof Error && !isAnswer(error) && !UNSENT.test(error.message)
}

export function isNoScript(error: unknown): boolean {
  return error instanceof Error && isAnswer(error) && error.message.startsWith('NOSCRIPT')
}

/** ioredis does not export the class of errors that the server answered with. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}
