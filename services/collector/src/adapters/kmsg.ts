/**
 * /dev/kmsg: the kernel's ring buffer, read without blocking and on a timer.
 *
 * A blocking or stream read would hold a thread of Node's pool for ever and keep the process from ending.
 * One read gives one record. Record numbers have no gaps of their own, so a gap is exactly so many lost
 * records; a reader overrun gets EPIPE once and then the oldest that is left. Reading begins at the
 * oldest record in any case: what was read before is told by number and boot.
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import type { CollectorEvents } from '../events.ts'
import { inputNumber } from './input-number.ts'
import { nextRecord } from './kmsg-record.ts'
import {
  type Deliver,
  type LogSource,
  numberAt,
  type Position,
  SourceError,
  type SourceStatus,
  textAt,
} from './log-source.ts'

/** While records come: lossless to about 80,000 a second with a ring of 128 KiB. */
const BUSY_MS = 5
/** While none come: doubling from BUSY_MS up to here. */
const IDLE_MS = 40
/** The kernel gives no record longer than this (PRINTK_MESSAGE_MAX 2048, escaped, plus its dictionary). */
const RECORD_BYTES = 16 * 1024
const BATCH_BYTES = 256 * 1024

export interface KmsgOptions {
  readonly name: string
  readonly path: string
}

export class KmsgSource implements LogSource {
  readonly name: string
  readonly #path: string
  readonly #events: CollectorEvents
  readonly #batch: Uint8Array = new Uint8Array(BATCH_BYTES)
  #deliver: Deliver = () => {}
  #fd = -1
  #boot = ''
  #bootTime = 0
  #sequence = -1
  #offset = 0
  #input = 0
  #pauseMs = BUSY_MS
  #timer: NodeJS.Timeout | undefined
  #failure = ''
  #held = false

  constructor(options: KmsgOptions, events: CollectorEvents) {
    this.name = options.name
    this.#path = options.path
    this.#events = events
  }

  async start(from: Position | undefined, deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    this.#boot = bootId()
    const isSameBoot = textAt(from, 'boot') === this.#boot
    this.#bootTime = (isSameBoot ? numberAt(from, 'bootTime') : undefined) ?? bootTimeMs()
    this.#input = inputNumber(this.name, this.#boot)
    this.#open()
    if (isSameBoot) {
      this.#sequence = numberAt(from, 'sequence') ?? -1
      this.#offset = numberAt(from, 'offset') ?? 0
    } else if (from === undefined) {
      this.#skipToEnd()
    }
    this.#hand(0)
    this.#events.sourceOpened(this.name, this.#path)
    this.#timer = setTimeout(() => this.#poll(), 0)
  }

  status(): SourceStatus {
    if (this.#failure !== '') return { state: 'failed', detail: this.#failure, behindBytes: 0 }
    return { state: 'open', detail: '', behindBytes: 0 }
  }

  hold(isHeld: boolean): void {
    this.#held = isHeld
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #open(): void {
    try {
      this.#fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const why =
        code === 'EPERM' || code === 'EACCES'
          ? 'not permitted; it needs CAP_SYSLOG (or read the journal)'
          : message
      throw new SourceError(`${this.#path}: ${why}`, { cause: error })
    }
  }

  #skipToEnd(): void {
    const missed = this.#events.missed[this.name]
    while (this.#fill() > 0);
    if (missed !== undefined) this.#events.missed[this.name] = missed
  }

  #poll(): void {
    const length = this.#held ? 0 : this.#tryFill()
    if (length > 0) this.#hand(length)
    this.#pauseMs = length > 0 ? BUSY_MS : Math.min(this.#pauseMs * 2, IDLE_MS)
    if (this.#timer === undefined) return
    // A full batch: more lies there already.
    this.#timer = setTimeout(() => this.#poll(), length > BATCH_BYTES - 2 * RECORD_BYTES ? 0 : this.#pauseMs)
  }

  #tryFill(): number {
    try {
      const length = this.#fill()
      this.#failure = ''
      return length
    } catch (error) {
      if (this.#failure === '') this.#events.sourceFailed(this.name, error as Error)
      this.#failure = (error as Error).message
      return 0
    }
  }

  /** Reads new records, one line each, into the batch until there are none or it is full; returns its length. */
  #fill(): number {
    let length = 0
    while (length < BATCH_BYTES - RECORD_BYTES) {
      const record = nextRecord(this.#fd, this.#batch, length)
      if (record === undefined) return length
      if (record.sequence <= this.#sequence) continue
      if (this.#sequence >= 0 && record.sequence > this.#sequence + 1) {
        this.#events.recordsMissed(this.name, record.sequence - this.#sequence - 1)
      }
      this.#sequence = record.sequence
      length += record.length
    }
    return length
  }

  #hand(length: number): void {
    const offset = this.#offset
    this.#offset += length
    this.#deliver({
      bytes: this.#batch.subarray(0, length),
      input: this.#input,
      offset,
      position: {
        boot: this.#boot,
        bootTime: this.#bootTime,
        sequence: this.#sequence,
        offset: this.#offset,
      },
      bootTime: this.#bootTime,
    })
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

/** The kernel's stamps count on the monotonic clock, which is what hrtime reads. */
function bootTimeMs(): number {
  return Math.round(Date.now() - Number(process.hrtime.bigint()) / 1e6)
}
