/** TCP sessions from outside to the hosts, made by one process there. */
import type { ChildProcess } from 'node:child_process'
import { waitUntil } from '../services/wait-until.ts'
import { startScript } from './namespace-process.ts'
import type { Event, Order } from './outside-process.ts'

export class Session {
  readonly #what: string
  readonly #send: (order: Order) => void
  readonly #id: number
  #pings = 0
  #received = ''
  isConnected = false

  constructor(id: number, what: string, send: (order: Order) => void) {
    this.#id = id
    this.#what = what
    this.#send = send
  }

  happened({ what, text }: Event): void {
    if (what === 'connected') this.isConnected = true
    if (what === 'received') this.#received += text
  }

  async connects(): Promise<void> {
    await waitUntil(() => this.isConnected, `${this.#what} to connect`)
  }

  /** Sends a line of its own; answers with it. */
  ping(): string {
    this.#pings++
    this.#send({ do: 'send', id: this.#id, text: `ping ${this.#pings}\n` })
    return `ping ${this.#pings}\n`
  }

  /** It has come back. */
  has(line: string): boolean {
    return this.#received.includes(line)
  }

  /** There and back again. */
  async isServed(): Promise<void> {
    const line = this.ping()
    await waitUntil(() => this.has(line), `${this.#what} to be served`)
  }

  close(): void {
    this.#send({ do: 'close', id: this.#id })
  }
}

export class Sessions {
  readonly #child: ChildProcess
  readonly #sessions: Session[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (event: Event) => this.#sessions[event.id]?.happened(event))
  }

  static async start(through: readonly string[]): Promise<Sessions> {
    return new Sessions(await startScript('outside-process', [], through))
  }

  /** Begun; whether it connects is to be seen. */
  open(from: string, to: string, port: number): Session {
    const id = this.#sessions.length
    const send = (order: Order): void => void this.#child.send(order)
    const session = new Session(id, `${from} at ${to}`, send)
    this.#sessions.push(session)
    send({ do: 'open', id, from, to, port })
    return session
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
