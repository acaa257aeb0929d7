/**
 * A TCP port of loopback that nobody listens on.
 *
 * It lies below the range from which the kernel takes the ports of outgoing connections: else, while a server is down, one of its
 * own clients could be given that very port, and a client that dials its own port is even connected to itself.
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const FIRST = 12_000
const LAST = 32_000
const TRIES = 50

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = randomInt(FIRST, LAST)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port of ${TRIES} tried`)
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
