/**
 * Journal: the kernel's lines out of the systemd journal, by a `journalctl` that follows it.
 *
 * The journal's own cursor is the position. journalctl ends when the journal is vacuumed under it or its
 * daemon restarts; it is then started again behind the last cursor, so nothing is lost by it.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { bufferOf, bytesOf } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import type { CollectorEvents } from '../events.ts'
import { inputNumber } from './input-number.ts'
import {
  type Deliver,
  type LogSource,
  numberAt,
  type Position,
  SourceError,
  type SourceStatus,
  textAt,
} from './log-source.ts'
import { WholeLines } from './whole-lines.ts'

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 30_000
/** A child that lived so long had started well. */
const STEADY_MS = 10_000
const CURSOR = /"__CURSOR"\s*:\s*"([^"]+)"/

export interface JournalOptions {
  readonly name: string
  readonly command: readonly string[]
}

type Child = ChildProcessByStdio<null, Readable, Readable>

export class JournalSource implements LogSource {
  readonly name: string
  readonly #command: readonly string[]
  readonly #events: CollectorEvents
  readonly #input: number
  #deliver: Deliver = () => {}
  #cursor: string | undefined
  #offset = 0
  #child: Child | undefined
  #retry: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #stopped = false
  #held = false
  #failure = ''
  #complaint = ''

  constructor(options: JournalOptions, events: CollectorEvents) {
    this.name = options.name
    this.#command = options.command
    this.#events = events
    this.#input = inputNumber(options.name)
  }

  async start(from: Position | undefined, deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    this.#offset = numberAt(from, 'offset') ?? 0
    this.#cursor = from === undefined ? await this.#newestCursor() : textAt(from, 'cursor')
    this.#hand(new Uint8Array(0))
    this.#follow()
    this.#events.sourceOpened(this.name, 'the journal')
  }

  status(): SourceStatus {
    if (this.#failure !== '') return { state: 'failed', detail: this.#failure, behindBytes: 0 }
    return { state: 'open', detail: '', behindBytes: 0 }
  }

  hold(isHeld: boolean): void {
    this.#held = isHeld
    if (isHeld) this.#child?.stdout.pause()
    else this.#child?.stdout.resume()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    const child = this.#child
    if (child === undefined) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill()
    await ended
  }

  /** The journal's end. Asked first, so that a follower that dies before its first line can be started again. */
  async #newestCursor(): Promise<string | undefined> {
    const [file, args] = this.#commandLine(['-n', '1'])
    try {
      const { stdout } = await promisify(execFile)(file, args, { maxBuffer: 16 * 1024 * 1024 })
      return CURSOR.exec(stdout)?.[1]
    } catch (error) {
      throw this.#explained(error as NodeJS.ErrnoException & { stderr?: string })
    }
  }

  #explained(error: NodeJS.ErrnoException & { stderr?: string }): SourceError {
    const [file = 'journalctl'] = this.#command
    if (error.code === 'ENOENT') {
      const text = `${file} was not found: this machine has no systemd journal; read /dev/kmsg or a log file instead`
      return new SourceError(text, { cause: error })
    }
    const said = safeText(error.stderr?.trim() || error.message)
    const text = `${file} cannot read the journal: ${said} (picket's user must be in group systemd-journal or adm)`
    return new SourceError(text, { cause: error })
  }

  #commandLine(last: readonly string[]): [string, string[]] {
    const [file = 'journalctl', ...first] = this.#command
    return [file, [...first, '-k', '-o', 'json', '--no-pager', '-q', ...last]]
  }

  #follow(): void {
    // Without --no-tail journalctl shows no more than ten lines of what lies behind the cursor.
    const where = this.#cursor === undefined ? ['-n', '0'] : [`--after-cursor=${this.#cursor}`, '--no-tail']
    const [file, args] = this.#commandLine(['-f', ...where])
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines = new WholeLines()
    const since = performance.now()
    this.#child = child
    this.#complaint = ''
    child.stdout.on('data', (bytes: Buffer) => {
      const whole = lines.take(bytesOf(bytes))
      if (whole !== undefined) this.#take(whole)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      this.#complaint = safeText(bytes.toString().trim())
    })
    if (this.#held) child.stdout.pause()
    child.once('error', (error) => {
      this.#complaint = error.message
    })
    child.once('close', () => this.#ended(performance.now() - since))
  }

  #take(lines: Uint8Array): void {
    if (this.#stopped) return
    this.#failure = ''
    const text = bufferOf(lines)
    const last = text.toString('utf8', text.lastIndexOf(10, text.length - 2) + 1)
    this.#cursor = CURSOR.exec(last)?.[1] ?? this.#cursor
    this.#hand(lines)
  }

  #hand(bytes: Uint8Array): void {
    const offset = this.#offset
    this.#offset += bytes.length
    const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor }
    const position = { ...cursor, offset: this.#offset }
    this.#deliver({ bytes, input: this.#input, offset, position, bootTime: Number.NaN })
  }

  #ended(livedMs: number): void {
    this.#child = undefined
    if (this.#stopped) return
    this.#failure = `journalctl ended: ${this.#complaint || 'it did not say why'}`
    this.#events.sourceFailed(this.name, new SourceError(this.#failure))
    if (livedMs > STEADY_MS) this.#retryMs = FIRST_RETRY_MS
    this.#retry = setTimeout(() => this.#follow(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }
}
