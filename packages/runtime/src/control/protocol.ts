/**
 * Control protocol: one JSON line asks, one JSON line answers, then the connection ends; over the unix socket and over TLS alike.
 *
 * A request is bounded in size and in time as a whole: one that trickles in byte by byte is cut off too.
 */
import type { Socket } from 'node:net'

/** Rises when an old client could misread a new answer. */
export const CONTROL_PROTOCOL = 1
const MAX_REQUEST_BYTES = 64 * 1024
const REQUEST_TIMEOUT_MS = 5_000

export interface ControlRequest {
  readonly command: string
  readonly [argument: string]: unknown
}

/** Who asks: whoever may open the socket, or the holder of a token. */
export type ControlCaller =
  | { readonly kind: 'socket' }
  | {
      readonly kind: 'token'
      readonly name: string
      /** As this process sees it. */
      readonly address: string
    }

/** Answers a request, now or later, or throws (rejects with) an Error whose message is told to the one who asks. */
export type ControlHandler = (request: ControlRequest, caller: ControlCaller) => unknown | Promise<unknown>

export type Envelope =
  | { readonly protocol: number; readonly ok: true; readonly answer: unknown }
  | { readonly protocol: number; readonly ok: false; readonly error: string; readonly reason?: 'denied' }

export class ControlError extends Error {
  override readonly name = 'ControlError'
  /** `absent`: nobody listens there. `untrusted`: who listens is not proven to be the one that was meant. */
  readonly reason: 'absent' | 'denied' | 'refused' | 'broken' | 'untrusted'

  constructor(reason: ControlError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export type Cut = 'too-large' | 'too-slow'

/** Reads one request and answers it. `cut` is told where none came. */
export function converse(
  socket: Socket,
  answer: (line: string) => Promise<Envelope>,
  cut: (why: Cut) => void = () => undefined,
): void {
  let text = ''
  const end = (why: Cut): void => {
    cut(why)
    socket.destroy()
  }
  const late = setTimeout(() => end('too-slow'), REQUEST_TIMEOUT_MS)
  socket.setEncoding('utf8')
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimeout(late))
  const listen = (piece: string): void => {
    text += piece
    const at = text.indexOf('\n')
    if (at < 0 && text.length > MAX_REQUEST_BYTES) end('too-large')
    if (at < 0) return
    clearTimeout(late)
    socket.off('data', listen)
    // What comes behind the request is read and dropped, so that the other side's end is seen.
    socket.resume()
    answer(text.slice(0, at))
      .then((envelope) => socket.end(`${JSON.stringify(envelope)}\n`))
      .catch(() => socket.destroy())
  }
  socket.on('data', listen)
}

export function readRequest(line: string): ControlRequest {
  const { protocol, ...request } = JSON.parse(line) as { protocol?: unknown } & ControlRequest
  if (protocol !== CONTROL_PROTOCOL)
    throw new Error(`this process speaks protocol ${CONTROL_PROTOCOL}, not ${String(protocol)}`)
  // Whatever is not text may throw where it is read as text
  if (typeof request.command !== 'string') throw new Error('this is no request')
  return request as ControlRequest
}

export async function answerTo(answer: () => unknown | Promise<unknown>): Promise<Envelope> {
  try {
    return { protocol: CONTROL_PROTOCOL, ok: true, answer: await answer() }
  } catch (error) {
    return refusal((error as Error).message)
  }
}

export function refusal(error: string, reason?: 'denied'): Envelope {
  return { protocol: CONTROL_PROTOCOL, ok: false, error, ...(reason === undefined ? {} : { reason }) }
}

/** Asks over a socket that is being opened, once `connected` has happened; throws ControlError. */
export function ask(
  socket: Socket,
  connected: 'connect' | 'secureConnect',
  request: ControlRequest,
  timeoutMs: number,
  unreachable: (error: NodeJS.ErrnoException) => ControlError,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = ''
    let isConnected = false
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    socket.on(connected, () => {
      isConnected = true
      socket.write(`${JSON.stringify({ protocol: CONTROL_PROTOCOL, ...request })}\n`)
    })
    socket.on('data', (piece: string) => {
      text += piece
    })
    socket.on('error', (error) => reject(unreachable(error)))
    socket.on('end', () => {
      if (!isConnected) {
        reject(unreachable(Object.assign(new Error('it hung up'), { code: 'ECONNRESET' })))
        return
      }
      try {
        resolve(answerIn(text))
      } catch (error) {
        reject(error)
      }
    })
  })
}

function answerIn(text: string): unknown {
  let envelope: Envelope
  try {
    envelope = JSON.parse(text) as Envelope
  } catch (error) {
    throw new ControlError('broken', 'the running picket gave no whole answer', error)
  }
  if (!envelope.ok) throw new ControlError(envelope.reason ?? 'refused', envelope.error)
  return envelope.answer
}
