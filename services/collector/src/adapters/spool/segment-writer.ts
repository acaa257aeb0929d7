/**
 * Segment writer: the one file of the spool that is being appended to.
 *
 * An append that fails is taken back; where even that fails the file is `torn`, and nothing more may be written
 * behind the damage. A failed fsync also ends a file: the kernel may have dropped what it could not write.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { appendFrame, syncFolder } from '@picket/runtime'

export class SegmentWriter {
  readonly path: string
  /** Whole frames. */
  bytes = 0
  torn = false
  #fd: number
  #isNew = true

  private constructor(path: string, fd: number) {
    this.path = path
    this.#fd = fd
  }

  /** With its first record in it; throws, and leaves nothing, if that did not fit. */
  static create(path: string, first: readonly Uint8Array[]): SegmentWriter {
    const writer = new SegmentWriter(path, openSync(path, 'ax', 0o600))
    try {
      writer.append(first)
      return writer
    } catch (error) {
      writer.close()
      rmSync(path, { force: true })
      throw error
    }
  }

  append(parts: readonly Uint8Array[]): void {
    try {
      this.bytes += appendFrame(this.#fd, parts)
    } catch (error) {
      this.cutBack(this.bytes)
      throw error
    }
  }

  cutBack(to: number): void {
    try {
      ftruncateSync(this.#fd, to)
      this.bytes = to
    } catch {
      this.torn = true
    }
  }

  /** Resolves when all that was appended before the call is on the disk. */
  async sync(): Promise<void> {
    await promisify(fdatasync)(this.#fd)
    if (!this.#isNew) return
    await syncFolder(dirname(this.path))
    this.#isNew = false
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }
}
