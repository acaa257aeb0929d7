/**
 * Running sources: the sources of a run, by name, and what a new configuration changes about them.
 */
import type { SourceSettings } from '../config.ts'
import type { CollectorEvents } from '../events.ts'
import type { Chunk, LogSource, Position } from './log-source.ts'
import { makeSource } from './make-source.ts'

interface Running {
  readonly settings: SourceSettings
  readonly source: LogSource
}

export type OnChunk = (source: string, chunk: Chunk) => void

export class RunningSources {
  readonly #events: CollectorEvents
  readonly #positions: ReadonlyMap<string, Position>
  readonly #onChunk: OnChunk
  #running: Running[] = []
  #held = false

  constructor(events: CollectorEvents, positions: ReadonlyMap<string, Position>, onChunk: OnChunk) {
    this.#events = events
    this.#positions = positions
    this.#onChunk = onChunk
  }

  get all(): LogSource[] {
    return this.#running.map(({ source }) => source)
  }

  /** Also for sources that are started later. */
  hold(isHeld: boolean): void {
    this.#held = isHeld
    for (const source of this.all) source.hold(isHeld)
  }

  get haveEnded(): boolean {
    return this.#running.length > 0 && this.all.every((source) => source.status().state === 'ended')
  }

  /**
   * Brings the sources to what the settings say. Where one cannot be opened, those that run are as before
   * and its error is thrown.
   */
  async become(wanted: readonly SourceSettings[]): Promise<void> {
    const kept = this.#running.filter((running) =>
      wanted.some((settings) => isSame(settings, running.settings)),
    )
    const stopped = this.#running.filter((running) => !kept.includes(running))
    const added = wanted.filter((settings) => !kept.some((running) => isSame(settings, running.settings)))
    await stopAll(stopped)
    this.#running = kept
    try {
      await this.#startAll(added)
    } catch (error) {
      await stopAll(this.#running.filter((running) => !kept.includes(running)))
      this.#running = kept
      await this.#startAll(stopped.map(({ settings }) => settings))
      throw error
    }
  }

  async #startAll(all: readonly SourceSettings[]): Promise<void> {
    for (const settings of all) {
      const source = makeSource(settings, this.#events)
      const { name } = settings
      await source.start(this.#positions.get(name), (chunk) => this.#onChunk(name, chunk))
      if (this.#held) source.hold(true)
      this.#running.push({ settings, source })
    }
  }

  async stop(): Promise<void> {
    await stopAll(this.#running)
  }
}

async function stopAll(running: readonly Running[]): Promise<void> {
  await Promise.all(running.map(({ source }) => source.stop()))
}

function isSame(a: SourceSettings, b: SourceSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
