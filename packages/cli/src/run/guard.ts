/**
 * `picket run`, below the command line: a run and the signals that steer it.
 *
 * SIGHUP reads the configuration again (a faulty one is refused and the old one holds on), SIGTERM and
 * SIGINT end it with everything saved, and so do the end of its input and of its reader.
 */

import { SourceError } from '@picket/collector/main'
import { FolderLockedError } from '@picket/runtime'
import { EXIT, WrongUse } from '../failures.ts'
import type { RunIo } from './io.ts'
import { type ReloadOptions, Reloads } from './reloads.ts'
import { Run } from './run.ts'
import type { RunSettings } from './settings.ts'

const LOOK_MS = 100

/** Resolves with the exit status when the run has ended. */
export async function runGuard(settings: RunSettings, options: ReloadOptions = {}): Promise<number> {
  const end = new Ending()
  const io: RunIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    onReaderGone: (error) => end.because(`nobody reads the alerts any more (${error.message})`),
  }
  const onSignal = (signal: string): void => end.because(signal)
  let reloads: Reloads | undefined
  const onHangup = (): void => reloads?.ask()
  // Before it says that it runs: whoever reads that may send a signal at once.
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangup)
  const run = await started(settings, io)
  reloads = new Reloads(run, options)
  const look = setInterval(() => {
    if (run.haveSourcesEnded) end.because('all input has ended')
  }, LOOK_MS)
  run.events.ending(await end.reason)
  clearInterval(look)
  await reloads.end()
  await run.stop()
  process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangup)
  run.events.ended()
  return EXIT.well
}

async function started(settings: RunSettings, io: RunIo): Promise<Run> {
  try {
    const run = new Run(settings, io)
    await run.start()
    return run
  } catch (error) {
    if (isUsersToMend(error)) throw new WrongUse(error.message, { cause: error })
    throw error
  }
}

/** What the machine or the configuration lacks, as against a fault of ours. */
function isUsersToMend(error: unknown): error is Error {
  if (error instanceof SourceError || error instanceof FolderLockedError) return true
  return error instanceof Error && ('syscall' in error || error.cause !== undefined)
}

/** The first reason to end counts. */
class Ending {
  readonly reason: Promise<string>
  #resolve: (reason: string) => void = () => {}

  constructor() {
    this.reason = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  because(reason: string): void {
    this.#resolve(reason)
  }
}
