/**
 * File hint: wakes a reader when its file may have changed, or after 250 ms.
 *
 * inotify on the folder, which sees writes, renames and new files alike. It may be missing (no inotify
 * watches left, a network file system): then the time is all there is, and nothing is lost but speed.
 */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

export const POLL_MS = 250

export class FileHint {
  readonly #path: string
  #watcher: FSWatcher | undefined
  #hinted = false
  #wake: (() => void) | undefined
  #closed = false

  constructor(path: string) {
    this.#path = path
  }

  watch(): void {
    if (this.#watcher !== undefined || this.#closed) return
    const name = basename(this.#path)
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_, changed) => {
        if (changed === name || changed === null) this.hint()
      })
      this.#watcher.on('error', () => this.#unwatch())
    } catch {
      this.#watcher = undefined
    }
  }

  /** Resolves at the next hint, also one that came before the call, or when the time is over. */
  async wait(ms: number = POLL_MS): Promise<void> {
    this.watch()
    if (!this.#hinted && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = undefined
    }
    this.#hinted = false
  }

  /** As if the file had changed. */
  hint(): void {
    this.#hinted = true
    this.#wake?.()
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    this.#wake?.()
  }
}
