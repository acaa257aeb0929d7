/**
 * Keeper: when the state folder is written to.
 *
 * Input is journalled before it is judged; a checkpoint is taken when the journal has grown large beside
 * the snapshot, or after a minute with input. When the disk refuses, the guard goes on from memory and
 * the keeper tries a whole new checkpoint every five seconds.
 */
import type { StateFolder } from '@picket/runtime'
import type { RunEvents } from './events.ts'

const SYNC_MS = 1_000
const CHECKPOINT_MS = 60_000
const RETRY_MS = 5_000
const JOURNAL_BYTES = 8 * 1024 * 1024
/** A large state is worth a longer journal: writing it out is what takes time. */
const JOURNAL_PER_SNAPSHOT = 4

export class Keeper {
  readonly #folder: StateFolder
  readonly #events: RunEvents
  readonly #capture: () => unknown
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #snapshotBytes = 0
  #lastAt = performance.now()
  #changed = false
  #wasBroken = false

  constructor(folder: StateFolder, events: RunEvents, capture: () => unknown) {
    this.#folder = folder
    this.#events = events
    this.#capture = capture
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), SYNC_MS)
  }

  write(parts: readonly Uint8Array[]): void {
    this.#changed = true
    this.#folder.append(parts)
    this.#noticeBroken()
  }

  /** To be called when what was written has been judged: a checkpoint must hold all that stands before it. */
  judged(): void {
    if (this.#isJournalLarge()) void this.checkpoint()
  }

  /** Why the folder cannot be written to, if so. */
  get fault(): string | undefined {
    return this.#folder.broken?.message
  }

  /** Resolves when the state as it is now is durable, or could not be made so. */
  async checkpoint(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    this.#running = this.#take()
    await this.#running
    this.#running = undefined
  }

  async #take(): Promise<void> {
    this.#lastAt = performance.now()
    this.#changed = false
    try {
      const taken = await this.#folder.checkpoint(this.#capture())
      this.#snapshotBytes = taken.bytes
      this.#events.snapshotTaken(taken.bytes, taken.seconds)
      if (this.#wasBroken) this.#events.stateMended()
      this.#wasBroken = false
    } catch (error) {
      this.#changed = true
      this.#events.snapshotFailed(error as Error)
      this.#noticeBroken()
    }
  }

  #tick(): void {
    this.#folder.sync()
    this.#noticeBroken()
    if (this.#running === undefined && this.#isDue()) void this.checkpoint()
  }

  #isDue(): boolean {
    const sinceMs = performance.now() - this.#lastAt
    if (this.#folder.broken !== undefined) return sinceMs >= RETRY_MS
    return this.#changed && sinceMs >= CHECKPOINT_MS
  }

  #isJournalLarge(): boolean {
    if (this.#running !== undefined || this.#folder.broken !== undefined) return false
    return this.#folder.journalBytes > Math.max(JOURNAL_BYTES, JOURNAL_PER_SNAPSHOT * this.#snapshotBytes)
  }

  #noticeBroken(): void {
    const { broken } = this.#folder
    if (broken === undefined || this.#wasBroken) return
    this.#wasBroken = true
    this.#events.stateBroken(this.#folder.path, broken)
  }

  /** The last checkpoint, and the folder is let go. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.checkpoint()
    this.#folder.close()
  }
}
