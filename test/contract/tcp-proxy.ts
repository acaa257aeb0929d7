/**
 * A wire that can be cut: passes bytes between clients and one server of loopback, until told to misbehave.
 *
 * For the case that matters most: the server has carried out a command, and its answer never arrives.
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { bytesOf } from '@picket/runtime'

export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: number
  #cutsNextAnswer = false
  #holdsAnswers = false
  #isOpen = true

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
  }

  static async to(port: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false })
    const proxy = new TcpProxy(server, port)
    server.on('connection', (client) => proxy.#join(client))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next answer of the server is lost, and the connection with it. */
  cutNextAnswer(): void {
    this.#cutsNextAnswer = true
  }

  /** Answers are swallowed from now on; connections stay. */
  holdAnswers(): void {
    this.#holdsAnswers = true
  }

  /** New connections end at once, and all others with them. */
  close(): void {
    this.#isOpen = false
    this.cut()
  }

  /** Connections are taken again, and answered. */
  open(): void {
    this.#isOpen = true
    this.#holdsAnswers = false
  }

  /** Later connections go to another server; the present ones end. */
  turnTo(port: number): void {
    this.#target = port
    this.cut()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.close()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    if (!this.#isOpen) {
      client.destroy()
      return
    }
    const server = connect(this.#target, '127.0.0.1')
    const both = [client, server] as const
    for (const socket of both) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        for (const end of both) end.destroy()
      })
    }
    client.on('data', (data) => server.write(bytesOf(data)))
    server.on('data', (data) => {
      if (this.#cutsNextAnswer) {
        this.#cutsNextAnswer = false
        client.destroy()
      } else if (!this.#holdsAnswers) client.write(bytesOf(data))
    })
  }
}
