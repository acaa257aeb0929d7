/**
 * State folder: a snapshot, and the journal of what came after it.
 *
 * Generation n is the file pair snapshot-n and journal-n: the journal goes on where the snapshot stands.
 * A checkpoint begins journal n+1 at once and writes snapshot n+1 behind it, so between the two the
 * state is snapshot n, journal n, journal n+1. The generation before is kept, for a damaged snapshot.
 * After a failed append nothing may follow in that journal (replay would jump over the gap): the folder
 * is `broken` until a checkpoint succeeds, and that one's journal says that it stands behind a gap.
 */
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { serialize } from 'node:v8'
import { bytesOf } from '../bytes.ts'
import { lockFolder } from './folder-lock.ts'
import { appendFrame } from './frames.ts'
import { type Found, fileOf, lookInto, removeOlder } from './generations.ts'
import { type Recovered, recoverFrom } from './recovery.ts'
import { writeSnapshot } from './snapshot-file.ts'

export interface CheckpointTaken {
  readonly bytes: number
  readonly seconds: number
}

export class StateFolder {
  readonly path: string
  readonly #unlock: () => void
  #found: Found
  #generation: number
  /** The newest generation whose snapshot is known to be whole; -1 for none. */
  #durable = -1
  #journal = -1
  #journalBytes = 0
  #broken: Error | undefined
  #unsynced = false
  #closed = false

  private constructor(path: string, unlock: () => void, found: Found) {
    this.path = path
    this.#unlock = unlock
    this.#found = found
    this.#generation = found.newest
  }

  /** Makes the folder if it is absent and locks it. */
  static open(path: string): StateFolder {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const unlock = lockFolder(path)
    return new StateFolder(path, unlock, lookInto(path))
  }

  /** What the last run left: call once, and read all its records, before the first checkpoint. */
  recover(): Recovered {
    const recovered = recoverFrom(this.path, this.#found)
    this.#durable = recovered.generation
    return recovered
  }

  /** Bytes of the current journal. */
  get journalBytes(): number {
    return this.#journalBytes
  }

  /** Why nothing can be written at the moment, if so. */
  get broken(): Error | undefined {
    return this.#broken
  }

  /** Appends one record; false if the folder is broken (by this append, or already). */
  append(parts: readonly Uint8Array[]): boolean {
    if (this.#broken !== undefined || this.#closed) return false
    try {
      this.#journalBytes += appendFrame(this.#journal, parts)
      this.#unsynced = true
      return true
    } catch (error) {
      this.#breakOff(error as Error)
      return false
    }
  }

  #breakOff(error: Error): void {
    this.#broken = error
    try {
      ftruncateSync(this.#journal, this.#journalBytes)
    } catch {
      // The torn record stays; recovery cuts it off.
    }
  }

  /** Begins a new generation at this very moment with `state` as its snapshot; resolves when that is durable. */
  async checkpoint(state: unknown): Promise<CheckpointTaken> {
    // The lock is gone: another process may be at home here
    if (this.#closed) throw new Error('the state folder is closed')
    const began = performance.now()
    const payload = bytesOf(serialize(state))
    const generation = this.#generation + 1
    const behindGap = this.#broken !== undefined
    try {
      this.#beginJournal(generation)
      await writeSnapshot(this.path, fileOf('snapshot', generation), payload)
    } catch (error) {
      // Not behind a gap the old journals still lead up to the new one, so writing may go on.
      if (behindGap) this.#broken = error as Error
      throw error
    }
    removeOlder(this.path, this.#durable)
    this.#durable = generation
    return { bytes: payload.length, seconds: (performance.now() - began) / 1000 }
  }

  #beginJournal(generation: number): void {
    const path = `${this.path}/${fileOf('journal', generation)}`
    const behindGap = this.#broken !== undefined
    const fd = openSync(path, 'wx', 0o600)
    try {
      this.#journalBytes = appendFrame(fd, [Uint8Array.of(behindGap ? 1 : 0)])
    } catch (error) {
      closeSync(fd)
      rmSync(path, { force: true })
      throw error
    }
    this.#closeJournal()
    this.#journal = fd
    this.#generation = generation
    this.#broken = undefined
  }

  /** Hands what was appended to the disk; without it a power cut may take the last seconds, a kill never does. */
  sync(): void {
    if (!this.#unsynced || this.#journal < 0) return
    this.#unsynced = false
    fdatasync(this.#journal, (error) => {
      if (error !== null && error.code !== 'EBADF') this.#broken ??= error
    })
  }

  #closeJournal(): void {
    const fd = this.#journal
    this.#journal = -1
    if (fd >= 0) fdatasync(fd, () => closeSync(fd))
  }

  /** What is appended after this is not kept. */
  close(): void {
    this.#closed = true
    this.#closeJournal()
    this.#unlock()
  }
}
