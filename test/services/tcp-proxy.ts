/**
 * A TCP proxy on loopback that can misbehave: keep answers to itself, cut connections, or let nobody through.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #losesAnswers = false
  #isShut = false
  #stallAfter: number | undefined
  /** Bytes of answers that nobody received. */
  lost = 0

  private constructor(port: number, target: number) {
    this.port = port
    this.#server = createServer((client) => this.#join(client, target))
  }

  static async start(port: number, target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port, target)
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve))
    proxy.#server.unref()
    return proxy
  }

  /** Requests arrive, and what is answered is thrown away. */
  loseAnswers(): void {
    this.#losesAnswers = true
  }

  /** Closes what is open; what comes later is let through, unless `shut`. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.destroy()
      server.destroy()
    }
  }

  shut(): void {
    this.#isShut = true
    this.cut()
  }

  /** Of the next answer, to whoever asks, only so many bytes arrive, and then nothing on that connection. */
  stallWithinAnswer(bytes: number): void {
    this.#stallAfter = bytes
  }

  pass(): void {
    this.#losesAnswers = false
    this.#isShut = false
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, target: number): void {
    if (this.#isShut) {
      client.destroy()
      return
    }
    const server = connect(target, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.pipe(server)
    let isStalled = false
    server.on('data', (bytes: Uint8Array) => {
      if (this.#losesAnswers || isStalled) {
        this.lost += bytes.length
        return
      }
      isStalled = this.#stallAfter !== undefined
      client.write(bytes.subarray(0, this.#stallAfter))
      this.#stallAfter = undefined
    })
  }
}
