/**
 * One log file that is being appended to, read as whole lines.
 *
 * It knows the file by its *head*, the first bytes up to 1 KiB, because an inode number is used again and
 * a truncated file keeps its own. The head is looked at after every read: only then is it known that what
 * was read belongs to the file we think it is. A partial last line is not delivered and not passed.
 */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { inputNumber } from './input-number.ts'
import { numberAt, type Position, SourceError, textAt } from './log-source.ts'
import { MAX_LINE_BYTES } from './whole-lines.ts'

const LINE_END = 10
const HEAD_BYTES = 1024
/** Shared by all files, as reading is synchronous: what `read` returns is valid until the next call of any. */
const BUFFER = new Uint8Array(256 * 1024)

/** `more`: nothing to deliver yet, read on at once; `replaced`: truncated, or another file by now. */
export type ReadOutcome = Uint8Array | 'more' | 'idle' | 'replaced'

export class TailedFile {
  readonly path: string
  readonly dev: number
  readonly ino: number
  /** Of the first byte not yet delivered. */
  offset: number
  /** Lines passed over for their length. */
  tooLong = 0
  #fd: number
  #mtimeMs = 0
  #size = 0
  #head: Uint8Array = new Uint8Array(0)
  #headHash = ''
  /** Bytes behind `offset` that were found to belong to a line that is too long. */
  #skipped = 0

  private constructor(path: string, fd: number, offset: number) {
    this.path = path
    this.#fd = fd
    const { dev, ino, size, mtimeMs } = fstatSync(fd)
    this.dev = dev
    this.ino = ino
    this.#size = size
    this.#mtimeMs = mtimeMs
    this.offset = offset
    this.#growHead(offset)
  }

  /** Undefined if there is no such file. */
  static open(path: string, offset = 0): TailedFile | undefined {
    try {
      return new TailedFile(path, openSync(path, 'r'), offset)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      if (code !== 'EACCES') throw new SourceError(`${path}: ${message}`, { cause: error })
      throw new SourceError(
        `${path}: not permitted; let picket's user join the group that owns it (often adm)`,
        {
          cause: error,
        },
      )
    }
  }

  /** At the beginning of the last line, which may not have ended yet. */
  static openAtEnd(path: string): TailedFile | undefined {
    const file = TailedFile.open(path)
    if (file === undefined) return undefined
    const from = Math.max(0, file.#size - MAX_LINE_BYTES)
    const length = readSync(file.#fd, BUFFER, 0, MAX_LINE_BYTES, from)
    const end = BUFFER.subarray(0, length).lastIndexOf(LINE_END)
    file.offset = end < 0 ? (from === 0 ? 0 : file.#size) : from + end + 1
    file.#growHead(file.offset)
    return file
  }

  /** Is this the file, in content, of which the position speaks? */
  static holds(path: string, position: Position): boolean {
    const length = numberAt(position, 'headLength') ?? 0
    const fd = openSync(path, 'r')
    try {
      if (fstatSync(fd).size < (numberAt(position, 'offset') ?? 0)) return false
      const head = new Uint8Array(length)
      return readSync(fd, head, 0, length, 0) === length && hashOf(head) === textAt(position, 'head')
    } finally {
      closeSync(fd)
    }
  }

  /** Bytes not yet delivered, as of the last look. */
  get behindBytes(): number {
    return Math.max(0, this.#size - this.offset)
  }

  get mtimeMs(): number {
    return this.#mtimeMs
  }

  position(): Position {
    return {
      dev: this.dev,
      ino: this.ino,
      offset: this.offset,
      head: this.#headHash,
      headLength: this.#head.length,
      mtime: this.#mtimeMs,
    }
  }

  /** By the source's name and the file's first line: two files differ in their first line's time. */
  inputNumber(name: string): number {
    const end = this.#head.indexOf(LINE_END) + 1
    return inputNumber(name, hashOf(end === 0 ? this.#head : this.#head.subarray(0, end)))
  }

  /** The whole lines that come next; `offset` then stands behind them. */
  read(): ReadOutcome {
    const at = this.offset + this.#skipped
    const length = readSync(this.#fd, BUFFER, 0, BUFFER.length, at)
    if (this.#isReplaced(at, length)) return 'replaced'
    if (length === 0) return 'idle'
    const end = BUFFER.subarray(0, length).lastIndexOf(LINE_END) + 1
    if (end === 0) return this.#withoutLineEnd(length)
    const start = this.#skipped === 0 ? 0 : BUFFER.indexOf(LINE_END) + 1
    this.#skipped = 0
    this.offset = at + end
    this.#growHead(this.offset)
    return start === end ? 'more' : BUFFER.subarray(start, end)
  }

  /** The last line of a file that is not written to any more, with the line end that it lacks. */
  readRest(): Uint8Array | undefined {
    const length = readSync(this.#fd, BUFFER, 0, MAX_LINE_BYTES, this.offset)
    if (length === 0 || this.#skipped > 0) return undefined
    this.offset += length
    this.#growHead(this.offset)
    BUFFER[length] = LINE_END
    return BUFFER.subarray(0, length + 1)
  }

  #withoutLineEnd(length: number): ReadOutcome {
    if (this.#skipped === 0 && length <= MAX_LINE_BYTES) return 'idle'
    if (this.#skipped === 0) this.tooLong++
    this.#skipped += length
    return 'more'
  }

  /**
   * Shorter than what was just read: the cut came after the read, so the bytes are good and the next call
   * finds out. As long, but with another head: the bytes may be the new file's, from its middle.
   */
  #isReplaced(at: number, length: number): boolean {
    const { size, mtimeMs } = fstatSync(this.#fd)
    this.#size = size
    this.#mtimeMs = mtimeMs
    if (size < at + length) return length === 0
    return !this.#hasSameHead()
  }

  #hasSameHead(): boolean {
    const known = this.#head
    if (known.length === 0) return true
    const now = new Uint8Array(known.length)
    readSync(this.#fd, now, 0, now.length, 0)
    return Buffer.compare(now, known) === 0
  }

  #growHead(upTo: number): void {
    const length = Math.min(HEAD_BYTES, upTo)
    if (length <= this.#head.length) return
    const head = new Uint8Array(length)
    readSync(this.#fd, head, 0, length, 0)
    this.#head = head
    this.#headHash = hashOf(head)
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}
