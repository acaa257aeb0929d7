/**
 * Control socket: how a command asks the running process, over a unix socket of mode 0600.
 *
 * One JSON line asks, one JSON line answers, then the connection ends. Whoever may open the socket is
 * trusted; the mode is set by umask before it is bound, so there is no moment at which others could.
 */
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Rises when an old client could misread a new answer. */
export const CONTROL_PROTOCOL = 1
const MAX_REQUEST_BYTES = 64 * 1024
const REQUEST_TIMEOUT_MS = 5_000

export interface ControlRequest {
  readonly command: string
  readonly [argument: string]: unknown
}

type Envelope =
  | { readonly protocol: number; readonly ok: true; readonly answer: unknown }
  | { readonly protocol: number; readonly ok: false; readonly error: string }

/** Answers a request, now or later, or throws (rejects with) an Error whose message is told to the one who asks. */
export type ControlHandler = (request: ControlRequest) => unknown | Promise<unknown>

export class ControlError extends Error {
  override readonly name = 'ControlError'
  /** `absent`: nobody listens there. */
  readonly reason: 'absent' | 'denied' | 'refused' | 'broken'

  constructor(reason: ControlError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** Serves until closed. The caller holds the state folder's lock, so a socket found there is a dead one. */
export async function serveControl(
  path: string,
  handle: ControlHandler,
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true })
  const server = createServer((socket) => converse(socket, handle))
  server.maxConnections = 32
  await listenPrivately(server, path)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`control socket ${path}: ${error.message}`, { cause: error })),
    )
    // listen() binds before it returns, so the mask covers exactly the making of the socket.
    const mask = process.umask(0o177)
    try {
      server.listen(path, resolve)
    } finally {
      process.umask(mask)
    }
  })
}

function converse(socket: Socket, handle: ControlHandler): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  const listen = (piece: string): void => {
    text += piece
    const end = text.indexOf('\n')
    if (end < 0 && text.length > MAX_REQUEST_BYTES) socket.destroy()
    if (end < 0) return
    socket.off('data', listen)
    // What comes behind the request is read and dropped, so that the other side's end is seen.
    socket.resume()
    // The one who asks knows how long to wait for an answer.
    socket.setTimeout(0)
    void answerTo(text.slice(0, end), handle).then((envelope) => socket.end(`${JSON.stringify(envelope)}\n`))
  }
  socket.on('data', listen)
}

async function answerTo(line: string, handle: ControlHandler): Promise<Envelope> {
  try {
    const { protocol, ...request } = JSON.parse(line) as { protocol?: unknown } & ControlRequest
    if (protocol !== CONTROL_PROTOCOL)
      throw new Error(`this process speaks protocol ${CONTROL_PROTOCOL}, not ${String(protocol)}`)
    return { protocol: CONTROL_PROTOCOL, ok: true, answer: await handle(request as ControlRequest) }
  } catch (error) {
    return { protocol: CONTROL_PROTOCOL, ok: false, error: (error as Error).message }
  }
}

/** Asks the process that listens at `path`; throws ControlError. */
export function askControl(path: string, request: ControlRequest, timeoutMs = 10_000): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = createConnection(path)
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    socket.on('connect', () =>
      socket.write(`${JSON.stringify({ protocol: CONTROL_PROTOCOL, ...request })}\n`),
    )
    socket.on('data', (piece: string) => {
      text += piece
    })
    socket.on('error', (error) => reject(unreachable(path, error)))
    socket.on('end', () => {
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
  if (!envelope.ok) throw new ControlError('refused', envelope.error)
  return envelope.answer
}

function unreachable(path: string, error: NodeJS.ErrnoException): ControlError {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    return new ControlError('absent', `no picket is running at ${path}`, error)
  }
  if (error.code === 'EACCES') {
    return new ControlError(
      'denied',
      `${path} may be opened by its owner and root only: ask as that user`,
      error,
    )
  }
  return new ControlError('broken', `${path}: ${error.message}`, error)
}
