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
  #stallAfter: number | undefined
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

  /** Of the next answer, to whoever asks, only so many bytes arrive, and then nothing on that connection. */
  stallWithinAnswer(bytes: number): void {
    this.#stallAfter = bytes
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
    this.#carry(client, server, (bytes) => (this.#losesRequests ? 0 : bytes))
    let isStalled = false
    this.#carry(server, client, (bytes) => {
      if (this.#losesAnswers || isStalled) return 0
      isStalled = this.#stallAfter !== undefined
      const passed = this.#stallAfter ?? bytes
      this.#stallAfter = undefined
      return passed
    })
  }

  /** `passing` tells how many of so many bytes are let through. */
  #carry(from: Socket, to: Socket, passing: (bytes: number) => number): void {
    let free = 0
    from.on('data', (bytes: Uint8Array) => {
      const piece = bytes.subarray(0, passing(bytes.length))
      if (piece.length < bytes.length) this.lost += bytes.length - piece.length
      if (piece.length === 0) return
      const slowness = this.#slowness
      const now = performance.now()
      if (slowness === undefined && free <= now) {
        to.write(piece)
        return
      }
      free = Math.max(free, now + delayOf(slowness)) + durationOf(slowness, piece.length)
      setTimeout(() => to.write(piece), free - now)
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
