/**
 * Standard input, for trying out: `journalctl -kf | picket run`.
 *
 * It cannot be read twice; what was taken is in the state folder's journal. Its end is the source's end.
 */
import type { Readable } from 'node:stream'
import { bytesOf } from '@picket/runtime'
import type { CollectorEvents } from '../events.ts'
import { inputNumber } from './input-number.ts'
import { type Deliver, type LogSource, numberAt, type Position, type SourceStatus } from './log-source.ts'
import { WholeLines } from './whole-lines.ts'

export class StdinSource implements LogSource {
  readonly name: string
  readonly #stream: Readable
  readonly #events: CollectorEvents
  readonly #lines: WholeLines = new WholeLines()
  #deliver: Deliver = () => {}
  #offset = 0
  #ended = false

  constructor(name: string, stream: Readable, events: CollectorEvents) {
    this.name = name
    this.#stream = stream
    this.#events = events
  }

  async start(from: Position | undefined, deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    this.#offset = numberAt(from, 'offset') ?? 0
    this.#hand(new Uint8Array(0))
    this.#stream.on('data', (bytes: Buffer) => this.#hand(this.#lines.take(bytesOf(bytes))))
    this.#stream.once('end', () => this.#end())
    this.#stream.once('error', (error) => {
      this.#events.sourceFailed(this.name, error)
      this.#end()
    })
    this.#events.sourceOpened(this.name, 'standard input')
  }

  status(): SourceStatus {
    if (this.#ended) return { state: 'ended', detail: 'standard input has ended', behindBytes: 0 }
    return { state: 'open', detail: '', behindBytes: 0 }
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#stream.pause()
    else this.#stream.resume()
  }

  async stop(): Promise<void> {
    this.#stream.removeAllListeners('data')
    this.#stream.pause()
  }

  #end(): void {
    this.#hand(this.#lines.flush())
    this.#events.linesTooLong(this.name, this.#lines.tooLong)
    this.#ended = true
  }

  #hand(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return
    const offset = this.#offset
    this.#offset += bytes.length
    const input = inputNumber(this.name)
    this.#deliver({ bytes, input, offset, position: { offset: this.#offset }, bootTime: Number.NaN })
  }
}
