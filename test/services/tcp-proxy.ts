/**
 * A TCP proxy on loopback that can misbehave: keep one direction to itself, be slow, cut connections, or let nobody through.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface Slowness {
  /** Of each piece, as long at least and at most. */
  readonly delayMs: readonly [number, number]
  readonly bytesPerSecond: number
}

export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #losesAnswers = false
  #losesRequests = false
  #slowness: Slowness | undefined
  #isShut = false
  /** Bytes that nobody received. */
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

  /** Requests are thrown away, and what was asked before is still answered. */
  loseRequests(): void {
    this.#losesRequests = true
  }

  /** Each connection by itself, both ways, in order. */
  slow(slowness: Slowness | undefined): void {
    this.#slowness = slowness
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

  pass(): void {
    this.#losesAnswers = false
    this.#losesRequests = false
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
    this.#carry(client, server, () => this.#losesRequests)
    this.#carry(server, client, () => this.#losesAnswers)
  }

  #carry(from: Socket, to: Socket, isLost: () => boolean): void {
    let free = 0
    from.on('data', (bytes: Uint8Array) => {
      if (isLost()) {
        this.lost += bytes.length
        return
      }
      const slowness = this.#slowness
      const now = performance.now()
      if (slowness === undefined && free <= now) {
        to.write(bytes)
        return
      }
      free = Math.max(free, now + delayOf(slowness)) + durationOf(slowness, bytes.length)
      setTimeout(() => to.write(bytes), free - now)
    })
  }
}

function delayOf(slowness: Slowness | undefined): number {
  const [least, most] = slowness?.delayMs ?? [0, 0]
  return least + Math.random() * (most - least)
}

function durationOf(slowness: Slowness | undefined, bytes: number): number {
  return slowness === undefined ? 0 : (bytes * 1_000) / slowness.bytesPerSecond
}
