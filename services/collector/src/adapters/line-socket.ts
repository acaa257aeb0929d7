/**
 * Line socket: a unix stream socket on which ulogd2 (`mode="unix"`) or any other writer sends us lines.
 *
 * We listen and the writer connects. What it sends while we are away is lost to us (ulogd counts it), so
 * there is no position; the offset only goes on counting, as packets' identities need it.
 */
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { bytesOf } from '@picket/runtime'
import type { CollectorEvents } from '../events.ts'
import { inputNumber } from './input-number.ts'
import {
  type Deliver,
  type LogSource,
  numberAt,
  type Position,
  SourceError,
  type SourceStatus,
} from './log-source.ts'
import { WholeLines } from './whole-lines.ts'

export interface LineSocketOptions {
  readonly name: string
  readonly path: string
}

export class LineSocketSource implements LogSource {
  readonly name: string
  readonly #path: string
  readonly #events: CollectorEvents
  readonly #input: number
  readonly #writers: Set<Socket> = new Set()
  readonly #server: Server
  #deliver: Deliver = () => {}
  #offset = 0
  #held = false

  constructor(options: LineSocketOptions, events: CollectorEvents) {
    this.name = options.name
    this.#path = options.path
    this.#events = events
    this.#input = inputNumber(options.name)
    this.#server = createServer((writer) => this.#serve(writer))
  }

  async start(from: Position | undefined, deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    this.#offset = numberAt(from, 'offset') ?? 0
    await removeDeadSocket(this.#path)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new SourceError(`cannot listen at ${this.#path}: ${error.message}`, { cause: error }))
      })
      this.#server.listen(this.#path, resolve)
    })
    // The writer may be another user of our group.
    chmodSync(this.#path, 0o660)
    this.#hand(new Uint8Array(0))
    this.#events.sourceOpened(this.name, this.#path)
  }

  status(): SourceStatus {
    if (this.#writers.size > 0) return { state: 'open', detail: '', behindBytes: 0 }
    return { state: 'waiting', detail: `nobody writes to ${this.#path}`, behindBytes: 0 }
  }

  hold(isHeld: boolean): void {
    this.#held = isHeld
    for (const writer of this.#writers) {
      if (isHeld) writer.pause()
      else writer.resume()
    }
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const writer of this.#writers) writer.destroy()
    await closed
  }

  #serve(writer: Socket): void {
    const lines = new WholeLines()
    this.#writers.add(writer)
    this.#events.writerConnected(this.name)
    writer.on('data', (bytes) => {
      const whole = lines.take(bytesOf(bytes))
      if (whole !== undefined) this.#hand(whole)
    })
    writer.on('end', () => {
      const rest = lines.flush()
      if (rest !== undefined) this.#hand(rest)
    })
    if (this.#held) writer.pause()
    writer.on('error', () => writer.destroy())
    writer.on('close', () => {
      this.#writers.delete(writer)
      this.#events.linesTooLong(this.name, lines.tooLong)
      if (this.#server.listening) this.#events.writerLeft(this.name)
    })
  }

  #hand(bytes: Uint8Array): void {
    const offset = this.#offset
    this.#offset += bytes.length
    this.#deliver({
      bytes,
      input: this.#input,
      offset,
      position: { offset: this.#offset },
      bootTime: Number.NaN,
    })
  }
}

/** A socket that nobody listens at is left over from a kill; anything else stays where it is. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket())
    throw new SourceError(`${path} exists and is no socket: give the source another path`)
  if (await isAnswered(path)) throw new SourceError(`${path} is in use by another process`)
  rmSync(path)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
