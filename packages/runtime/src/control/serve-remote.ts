/**
 * Control from elsewhere: the protocol of the control socket over TLS, for holders of a token.
 *
 * Certificate, key and tokens are read again as they change: the first for each connection, the last for each request. A new pair that
 * cannot be used leaves the old one in place; a file of tokens that cannot be read lets nobody in.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls'
import { parseAddress, sourceKey } from '@picket/schemas'
import { CallRates } from './call-rates.ts'
import {
  answerTo,
  type ControlCaller,
  type ControlHandler,
  type ControlRequest,
  type Cut,
  converse,
  type Envelope,
  readRequest,
  refusal,
} from './protocol.ts'
import { holderOf, readTokens } from './tokens.ts'

export interface RemoteControlSettings {
  readonly host: string
  readonly port: number
  /** Paths of PEM files. */
  readonly cert: string
  readonly key: string
  /** Path of the tokens. */
  readonly tokens: string
  /** Open at once. */
  readonly connections: number
  /** Of one address. */
  readonly perMinute: number
}

export const REMOTE_OUTCOMES = [
  'answered',
  'refused',
  'wrong-token',
  'not-allowed',
  'too-many',
  'no-handshake',
  'too-large',
  'too-slow',
] as const
export type RemoteOutcome = (typeof REMOTE_OUTCOMES)[number]

export interface RemoteControlListener {
  /** How a call ended. `who` is undefined where nobody has proven to be somebody. */
  ended(outcome: RemoteOutcome, address: string, who: string | undefined): void
  /** What is in the files cannot be used. */
  unusable(error: Error): void
  certificateChanged(): void
}

export interface RemoteControlParts {
  readonly handle: ControlHandler
  /** What a token that may only read may ask. */
  readonly isReading: (command: string) => boolean
  readonly listener: RemoteControlListener
}

export interface RemoteControl {
  readonly port: number
  close(): Promise<void>
}

const HANDSHAKE_MS = 5_000
const ANSWER_MS = 60_000
const AT_ONCE = 8

/** Rejects where certificate, key or tokens cannot be used, or the address is taken. */
export async function serveRemoteControl(
  settings: RemoteControlSettings,
  parts: RemoteControlParts,
): Promise<RemoteControl> {
  const remote = new RemoteServer(settings, parts)
  return remote.listen()
}

class RemoteServer {
  readonly #settings: RemoteControlSettings
  readonly #parts: RemoteControlParts
  readonly #rates: CallRates
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #pairSeen: string

  constructor(settings: RemoteControlSettings, parts: RemoteControlParts) {
    this.#settings = settings
    this.#parts = parts
    this.#rates = new CallRates({ perMinute: settings.perMinute, atOnce: AT_ONCE })
    this.#pairSeen = stampOf(settings)
    const { faults, entries } = readTokens(settings.tokens)
    if (faults.length > 0) throw new Error(`${settings.tokens}: ${faults.join(', ')}`)
    if (entries.length === 0)
      throw new Error(`${settings.tokens} holds no token: make one with "picket keys token NAME"`)
    const tls = { ...readPair(settings), minVersion: 'TLSv1.3', handshakeTimeout: HANDSHAKE_MS } as const
    this.#server = createServer(tls, (socket) => this.#converse(socket))
    this.#server.maxConnections = settings.connections
    // Before the listener that begins the handshake.
    this.#server.prependListener('connection', (socket: Socket) => this.#admit(socket))
    this.#server.on('tlsClientError', (_, socket) => {
      parts.listener.ended('no-handshake', addressOf(socket), undefined)
      socket.destroy()
    })
  }

  listen(): Promise<RemoteControl> {
    const { host, port } = this.#settings
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new Error(`${host}:${port}: ${error.message}`, { cause: error })),
      )
      this.#server.listen(port, host, () => {
        const bound = this.#server.address()
        resolve({
          port: typeof bound === 'object' && bound !== null ? bound.port : port,
          close: () => this.#close(),
        })
      })
    })
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket)
    const address = addressOf(socket)
    const caller = callerKey(address)
    const mayEnter = this.#rates.enter(caller, performance.now())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (mayEnter) this.#rates.leave(caller)
    })
    if (mayEnter) {
      this.#renewPair()
      return
    }
    this.#parts.listener.ended('too-many', address, undefined)
    socket.on('error', () => undefined)
    socket.destroy()
  }

  #renewPair(): void {
    try {
      const stamp = stampOf(this.#settings)
      if (stamp === this.#pairSeen) return
      this.#pairSeen = stamp
      const pair = readPair(this.#settings)
      createSecureContext(pair)
      this.#server.setSecureContext({ ...pair, minVersion: 'TLSv1.3' })
      this.#parts.listener.certificateChanged()
    } catch (error) {
      this.#parts.listener.unusable(error as Error)
    }
  }

  #converse(socket: TLSSocket): void {
    const address = addressOf(socket)
    // Not an idle time: who goes on sending must not keep his place
    const over = setTimeout(() => socket.destroy(), ANSWER_MS)
    socket.once('close', () => clearTimeout(over))
    const cut = (why: Cut): void => this.#parts.listener.ended(why, address, undefined)
    converse(socket, (line) => this.#answer(line, address), cut)
  }

  async #answer(line: string, address: string): Promise<Envelope> {
    const { listener, isReading, handle } = this.#parts
    let asked: ControlRequest
    try {
      asked = readRequest(line)
    } catch (error) {
      listener.ended('refused', address, undefined)
      return refusal(error instanceof SyntaxError ? 'this is no request' : (error as Error).message)
    }
    const { token, ...request } = asked
    const holder = this.#holderOf(token)
    if (holder === undefined) {
      listener.ended('wrong-token', address, undefined)
      return refusal('the responder does not know this token', 'denied')
    }
    const { name, may } = holder
    if (may !== 'act' && !isReading(request.command)) {
      listener.ended('not-allowed', address, name)
      return refusal(
        `the token of ${name} may only read: ask whoever runs the responder for one that may act`,
      )
    }
    const caller: ControlCaller = { kind: 'token', name, address }
    const envelope = await answerTo(() => handle(request as ControlRequest, caller))
    listener.ended(envelope.ok ? 'answered' : 'refused', address, name)
    return envelope
  }

  #holderOf(token: unknown): ReturnType<typeof holderOf> {
    try {
      const { entries, faults } = readTokens(this.#settings.tokens)
      if (faults.length > 0)
        this.#parts.listener.unusable(new Error(`${this.#settings.tokens}: ${faults.join(', ')}`))
      return holderOf(entries, token)
    } catch (error) {
      this.#parts.listener.unusable(error as Error)
      return undefined
    }
  }
}

/** One machine holds all of an IPv6 /64. */
function callerKey(address: string): string {
  const parsed = parseAddress(address)
  return parsed === undefined ? address : sourceKey(parsed)
}

function addressOf(socket: Pick<Socket, 'remoteAddress'>): string {
  return socket.remoteAddress ?? 'unknown'
}

function readPair({ cert, key }: RemoteControlSettings): { readonly cert: string; readonly key: string } {
  if ((statSync(key).mode & 0o007) !== 0) throw new Error(`${key} can be read by everybody: chmod 600 it`)
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

function stampOf({ cert, key }: RemoteControlSettings): string {
  const stamps = [cert, key].map((path) => {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  })
  return stamps.join(' ')
}
