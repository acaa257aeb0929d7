/**
 * Inputs: the files named on the command line, opened before the first line is read.
 *
 * A wrong name is told at once, all of them together. What a file is comes from its first bytes, not
 * from its name: rotated logs are often gzip without saying so. "-" is standard input.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { codeOf, WrongUse } from '../failures.ts'
import { whyUnreadable } from '../text-file.ts'
import { bytesOf, formOf, gunzip, whatToDo } from './file-form.ts'

export interface Input {
  readonly name: string
  /** Its place in the argument list: with the byte offset it names a packet. */
  readonly number: number
  /** ms: when it was last written; for standard input now. */
  readonly modified: number
  /** Bytes on disk; NaN where there is no end to know. */
  readonly size: number
  /** Bytes read from the disk or the pipe so far. */
  readonly taken: number
  /** What went wrong half-way, e.g. a gzip file that is cut off; '' when all was read. */
  readonly fault: string
  /** A chunk is valid until the next one is asked for. */
  chunks(): AsyncGenerator<Uint8Array, void>
}

const CHUNK = 1 << 20
/** All inputs together hold at most so many bytes of chunks. */
const CHUNKS_TOGETHER = 8 << 20

export function openInputs(names: readonly string[], now: number): Input[] {
  const faults: string[] = []
  const chunk = Math.max(Math.min(CHUNK, Math.floor(CHUNKS_TOGETHER / names.length)), 1 << 16)
  const inputs: Input[] = []
  for (const [number, name] of names.entries()) {
    try {
      inputs.push(name === '-' ? standardInput(number, now) : new FileInput(name, number, chunk))
    } catch (error) {
      faults.push(cannotRead(name, error))
    }
  }
  if (faults.length > 0) throw new WrongUse(faults.join('\n'))
  return inputs
}

function cannotRead(name: string, error: unknown): string {
  const code = codeOf(error)
  if (code === 'EACCES') return `${name}: permission denied (logs are often for root or group adm: try sudo)`
  if (code === 'EISDIR') return `${name}: is a directory; name the log files in it`
  return `${name}: ${whyUnreadable(error)}`
}

/** Anything that gives raw bytes; the form of the file is told apart here, for all of them. */
abstract class OpenInput implements Input {
  abstract readonly name: string
  abstract readonly number: number
  abstract readonly modified: number
  abstract readonly size: number
  taken = 0
  fault = ''

  abstract raw(): AsyncGenerator<Uint8Array, void>

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const raw = this.#counted()
    const first = await raw.next()
    if (first.done === true) return
    const form = formOf(first.value)
    if (form === 'gzip') {
      yield* this.#unpacked(first.value, raw)
      return
    }
    if (form !== 'text') throw new WrongUse(whatToDo(form, this.name))
    yield first.value
    yield* raw
  }

  async *#counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of this.raw()) {
      this.taken += chunk.length
      yield chunk
    }
  }

  async *#unpacked(
    first: Uint8Array,
    rest: AsyncGenerator<Uint8Array, void>,
  ): AsyncGenerator<Uint8Array, void> {
    try {
      yield* gunzip(first, rest)
    } catch (error) {
      if (!codeOf(error).startsWith('Z_')) throw error
      this.fault = `the gzip data is damaged or cut off (${codeOf(error)}); what stands before was read`
    }
  }
}

class FileInput extends OpenInput {
  readonly modified: number
  readonly size: number
  readonly name: string
  readonly number: number
  readonly #descriptor: number
  readonly #chunk: number
  readonly #isFile: boolean

  constructor(name: string, number: number, chunk: number) {
    super()
    this.name = name
    this.number = number
    this.#chunk = chunk
    this.#descriptor = openSync(name, 'r')
    const stat = fstatSync(this.#descriptor)
    if (stat.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
    this.#isFile = stat.isFile()
    this.modified = this.#isFile ? stat.mtimeMs : Date.now()
    this.size = this.#isFile ? stat.size : Number.NaN
  }

  /** Synchronous reads into one buffer: with the page cache they cost less than handing work to a thread. */
  async *raw(): AsyncGenerator<Uint8Array, void> {
    try {
      const buffer = new Uint8Array(this.#chunk)
      for (;;) {
        const length = readSync(this.#descriptor, buffer, 0, buffer.length, null)
        if (length === 0) return
        yield length === buffer.length ? buffer : buffer.subarray(0, length)
      }
    } finally {
      closeSync(this.#descriptor)
    }
  }
}

class StreamInput extends OpenInput {
  readonly name = '-'
  readonly size = Number.NaN
  readonly number: number
  readonly modified: number
  readonly #stream: Readable

  constructor(stream: Readable, number: number, now: number) {
    super()
    this.#stream = stream
    this.number = number
    this.modified = now
  }

  async *raw(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of this.#stream) yield bytesOf(chunk as Buffer)
  }
}

function standardInput(number: number, now: number): Input {
  if (process.stdin.isTTY === true)
    process.stderr.write('picket: reading from the terminal; Ctrl-D ends the input\n')
  return new StreamInput(process.stdin, number, now)
}
