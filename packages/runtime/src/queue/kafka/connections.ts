/**
 * Connections: the sockets of one client of kafkajs, and whether anybody answers.
 *
 * kafkajs keeps a connection on which nothing is ever answered; here it is broken at the first request that timed out, since the
 * other side may be gone without a word. Certificates are read from their files for each connection.
 */
import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaTlsSettings } from './settings.ts'

export interface SocketWish {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}

/** Whether a broker can be reached now: by who spoke last, it or a fault. */
export class Reachability {
  #isReachable = false
  #heardAt = 0

  get isReachable(): boolean {
    return this.#isReachable
  }

  heard(): void {
    this.#isReachable = true
    this.#heardAt = performance.now()
  }

  failed(): void {
    this.#isReachable = false
  }

  silentMs(): number {
    return performance.now() - this.#heardAt
  }
}

export class Connections {
  readonly #tls: KafkaTlsSettings | undefined
  readonly #reachability: Reachability
  readonly #sockets = new Map<Socket, string>()
  #isClosed = false

  constructor(tls: KafkaTlsSettings | undefined, reachability: Reachability) {
    this.#tls = tls
    this.#reachability = reachability
  }

  /** What kafkajs calls for each connection. */
  readonly open = (wish: SocketWish): Socket => {
    if (this.#isClosed) throw new Error('the client is closed')
    const socket = this.#tls === undefined ? connect(wish, wish.onConnect) : openTls(wish, this.#tls)
    this.#sockets.set(socket, `${wish.host}:${wish.port}`)
    socket.setKeepAlive(true, 30_000).setNoDelay(true)
    socket.on('data', () => this.#reachability.heard())
    socket.on('error', () => {
      // our own closing breaks sockets, and says nothing about the brokers
      if (!this.#isClosed) this.#reachability.failed()
    })
    socket.on('close', () => {
      this.#sockets.delete(socket)
      // kafkajs goes on to unref a dead socket with each attempt, and each time Node would wait for it to connect first
      socket.unref = () => socket
      if (!this.#isClosed && this.#sockets.size === 0) this.#reachability.failed()
    })
    return socket
  }

  /** An answer did not come: what goes to that broker, or to all, is given up. */
  break(address: string | undefined): void {
    this.#reachability.failed()
    for (const [socket, to] of this.#sockets) {
      if (address === undefined || address === to) socket.destroy(new Error('no answer in time'))
    }
  }

  /** For good: what is under way fails, and nothing is opened any more. */
  close(): void {
    this.#isClosed = true
    // with an error, else kafkajs does not notice and waits for answers until they are overdue
    for (const socket of this.#sockets.keys()) socket.destroy(new Error('the client is closed'))
  }
}

function openTls({ host, port, onConnect }: SocketWish, tls: KafkaTlsSettings): Socket {
  const files = Object.entries(tls).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, readFileSync(file)] as const],
  )
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ host, port, ...name, ...Object.fromEntries(files) }, onConnect)
}
