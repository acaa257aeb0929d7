/**
 * Tail: follows a log file over its rotations.
 *
 * A file is left only when the next one has bytes (until then its writer may still hold it), and after one
 * more read of it. The next one is found among the rotated files by inode or content, so rotations that
 * were missed, by us or while we were not running, are caught up in order. inotify only says "look now":
 * what is true is found by looking, which also happens every 250 ms.
 */
import { statSync } from 'node:fs'
import type { CollectorEvents } from '../events.ts'
import { FileHint } from './file-hint.ts'
import {
  type Deliver,
  type LogSource,
  numberAt,
  type Position,
  SourceError,
  type SourceStatus,
} from './log-source.ts'
import { filesOf, isSame, type LogFile } from './rotated-files.ts'
import { TailedFile } from './tailed-file.ts'

/** After a failed read; doubling up to the second. */
const RETRY_MS = 1_000
const NOT_RESUMED: Position = { offset: 0, headLength: 0 }

export interface TailOptions {
  readonly name: string
  readonly path: string
  readonly from: 'start' | 'end'
}

export class TailSource implements LogSource {
  readonly name: string
  readonly #path: string
  readonly #from: 'start' | 'end'
  readonly #events: CollectorEvents
  readonly #hint: FileHint
  #deliver: Deliver = () => {}
  #file: TailedFile | undefined
  #stopped = false
  #held = false
  #running: Promise<void> = Promise.resolve()
  #failure = ''

  constructor(options: TailOptions, events: CollectorEvents) {
    this.name = options.name
    this.#path = options.path
    this.#from = options.from
    this.#events = events
    this.#hint = new FileHint(options.path)
  }

  async start(from: Position | undefined, deliver: Deliver): Promise<void> {
    this.#deliver = deliver
    this.#file = from === undefined ? this.#openFirst() : this.#resume(from)
    if (this.#file === undefined) this.#events.sourceWaiting(this.name, this.#path)
    this.#sayWhereWeStand()
    this.#hint.watch()
    this.#running = this.#follow()
  }

  status(): SourceStatus {
    if (this.#failure !== '') return { state: 'failed', detail: this.#failure, behindBytes: 0 }
    if (this.#file === undefined) {
      return { state: 'waiting', detail: `${this.#path} does not exist yet`, behindBytes: 0 }
    }
    return { state: 'open', detail: '', behindBytes: this.#file.behindBytes }
  }

  hold(isHeld: boolean): void {
    this.#held = isHeld
    if (!isHeld) this.#hint.hint()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#hint.close()
    await this.#running
    this.#file?.close()
    this.#file = undefined
  }

  #openFirst(): TailedFile | undefined {
    return this.#from === 'start' ? TailedFile.open(this.#path) : TailedFile.openAtEnd(this.#path)
  }

  #resume(from: Position): TailedFile | undefined {
    if (numberAt(from, 'headLength') === 0) return this.#resumeUnread(from)
    const files = filesOf(this.#path)
    const known = files.filter((file) => isHeldBy(file, from))
    const same = known.find((file) => isAt(file, from)) ?? known[0]
    if (same !== undefined) return TailedFile.open(same.path, numberAt(from, 'offset'))
    this.#events.sourceRotatedAway(this.name, this.#path)
    const mtime = numberAt(from, 'mtime') ?? 0
    const next = files.find((file) => file.path === this.#path || file.mtimeMs > mtime)
    return next && TailedFile.open(next.path)
  }

  /** Nothing of the file was read: if it is there still, all of it is new. */
  #resumeUnread(from: Position): TailedFile | undefined {
    const files = filesOf(this.#path)
    const same = files.find((file) => isAt(file, from)) ?? files.at(-1)
    return same && TailedFile.open(same.path)
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#held && this.#tryStep()) await new Promise((resolve) => setImmediate(resolve))
      else await this.#hint.wait(this.#failure === '' ? undefined : RETRY_MS)
    }
  }

  #tryStep(): boolean {
    try {
      const more = this.#step()
      this.#failure = ''
      return more
    } catch (error) {
      if (!isOutside(error)) throw error
      if (this.#failure === '') this.#events.sourceFailed(this.name, error)
      this.#failure = error.message
      return false
    }
  }

  /** Reads once; false when there is nothing to do before something changes. */
  #step(): boolean {
    const file = this.#file ?? this.#openAppeared()
    if (file === undefined) return false
    const outcome = file.read()
    if (outcome === 'more') return true
    if (outcome === 'idle') return this.#moveOn(file)
    if (outcome === 'replaced') return this.#restart(file)
    this.#hand(file, outcome, file.offset - outcome.length)
    return true
  }

  #openAppeared(): TailedFile | undefined {
    this.#file = TailedFile.open(this.#path)
    if (this.#file !== undefined) this.#events.sourceOpened(this.name, this.#path)
    return this.#file
  }

  /** The file is read to its end: is it still the one that is written to? */
  #moveOn(file: TailedFile): boolean {
    if (isLive(file, this.#path)) return false
    const next = nextAfter(file, this.#path)
    if (next === undefined || next.size === 0) return false
    const opened = openListed(next)
    if (opened === undefined) return true
    for (let last = file.read(); last !== 'idle' && last !== 'replaced'; last = file.read()) {
      if (last !== 'more') this.#hand(file, last, file.offset - last.length)
    }
    const rest = file.readRest()
    if (rest !== undefined) this.#hand(file, rest, file.offset - rest.length + 1)
    this.#events.sourceRotated(this.name, file.path, opened.path)
    this.#turnTo(opened)
    return true
  }

  /** Truncated: the rest that we have not read may stand in the copy that copytruncate made. */
  #restart(file: TailedFile): boolean {
    const position = file.position()
    const copy = filesOf(this.#path).find((other) => !isSame(other, file) && isHeldBy(other, position))
    const resumed = copy && TailedFile.open(copy.path, file.offset)
    this.#events.sourceTruncated(this.name, this.#path, resumed !== undefined)
    this.#turnTo(resumed ?? TailedFile.open(this.#path))
    return true
  }

  #turnTo(file: TailedFile | undefined): void {
    this.#events.linesTooLong(this.name, this.#file?.tooLong ?? 0)
    this.#file?.close()
    this.#file = file
  }

  #hand(file: TailedFile, bytes: Uint8Array, offset: number): void {
    const input = file.inputNumber(this.name)
    this.#deliver({ bytes, input, offset, position: file.position(), bootTime: Number.NaN })
  }

  #sayWhereWeStand(): void {
    const position = this.#file?.position() ?? NOT_RESUMED
    this.#deliver({ bytes: new Uint8Array(0), input: 0, offset: 0, position, bootTime: Number.NaN })
  }
}

function isAt(file: LogFile, position: Position): boolean {
  return file.ino === numberAt(position, 'ino') && file.dev === numberAt(position, 'dev')
}

function isHeldBy(file: LogFile, position: Position): boolean {
  try {
    return TailedFile.holds(file.path, position)
  } catch {
    return false
  }
}

/** One cheap look, as it is taken after every line: the name still leads to this file. */
function isLive(file: TailedFile, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false })
  return now !== undefined && isSame(now, file)
}

/** The file that was begun after this one; undefined while this is the newest. */
function nextAfter(file: TailedFile, path: string): LogFile | undefined {
  const files = filesOf(path)
  const at = files.findIndex((other) => isSame(other, file))
  if (at >= 0) return files[at + 1]
  return files.find((other) => other.path === path || other.mtimeMs >= file.mtimeMs)
}

/** Undefined if the name has gone to another file meanwhile. */
function openListed(listed: LogFile): TailedFile | undefined {
  const file = TailedFile.open(listed.path)
  if (file === undefined || isSame(file, listed)) return file
  file.close()
  return undefined
}

function isOutside(error: unknown): error is Error {
  return error instanceof SourceError || typeof (error as NodeJS.ErrnoException).syscall === 'string'
}
