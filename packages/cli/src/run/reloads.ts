/**
 * Reloads: one at a time; a signal during one asks for another after it.
 *
 * The end waits for the one under way, which would else open sources and servers behind it, and refuses all after it.
 */
import type { RunEvents } from './events.ts'
import type { RunSettings } from './settings.ts'

export interface ReloadOptions {
  /** Reads the configuration again; what it throws refuses the new one. */
  readonly reload?: () => Promise<RunSettings>
}

export interface Reloaded {
  readonly events: Pick<RunEvents, 'reloaded' | 'reloadRefused'>
  reload(settings: RunSettings): Promise<void>
}

export class Reloads {
  readonly #run: Reloaded
  readonly #read: ReloadOptions['reload']
  #last: Promise<void> = Promise.resolve()
  #isEnding = false

  constructor(run: Reloaded, { reload }: ReloadOptions) {
    this.#run = run
    this.#read = reload
  }

  ask(): void {
    this.#last = this.#last.then(() => this.#reload())
  }

  async #reload(): Promise<void> {
    try {
      if (this.#isEnding) throw new Error('this guard is ending')
      if (this.#read === undefined) throw new Error('it was not read from a file')
      await this.#run.reload(await this.#read())
      this.#run.events.reloaded()
    } catch (error) {
      this.#run.events.reloadRefused(error as Error)
    }
  }

  /** Resolves when none is under way, and none begins any more. */
  async end(): Promise<void> {
    this.#isEnding = true
    await this.#last
  }
}
