/**
 * Control socket: how a command asks the running process, over a unix socket of mode 0600.
 *
 * Whoever may open the socket is trusted; the mode is set by umask before it is bound, so there is no moment at which others could.
 */
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import {
  answerTo,
  ask,
  ControlError,
  type ControlHandler,
  type ControlRequest,
  converse,
  readRequest,
} from './control/protocol.ts'

/** Serves until closed. The caller holds the state folder's lock, so a socket found there is a dead one. */
export async function serveControl(
  path: string,
  handle: ControlHandler,
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true })
  const server = createServer((socket) =>
    converse(socket, (line) => answerTo(() => handle(readRequest(line), { kind: 'socket' }))),
  )
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

/** Asks the process that listens at `path`; throws ControlError. */
export function askControl(path: string, request: ControlRequest, timeoutMs = 10_000): Promise<unknown> {
  return ask(createConnection(path), 'connect', request, timeoutMs, (error) => unreachable(path, error))
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
