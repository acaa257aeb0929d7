/** The way from a namespace to a server on this machine's loopback: a unix socket, so that no packet leaves either. */
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

export class Passage {
  /** As host-process takes it. */
  readonly way: string
  readonly #server: Server

  private constructor(way: string, server: Server) {
    this.way = way
    this.#server = server
  }

  static async open(folder: string, address: string): Promise<Passage> {
    const [host = '', port = ''] = address.split(':')
    const path = join(folder, `to-${port}`)
    const server = createServer((socket) => {
      const other = connect(Number(port), host)
      for (const [from, to] of [
        [socket, other],
        [other, socket],
      ] as const) {
        from.on('error', () => undefined).on('close', () => to.destroy())
        from.pipe(to)
      }
    }).listen(path)
    await once(server, 'listening')
    return new Passage(`${port}=${path}`, server)
  }

  close(): void {
    this.#server.close()
  }
}
