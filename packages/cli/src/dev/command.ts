/**
 * `picket dev`: a whole fleet on this machine, from local programs and by one command.
 *
 * Nothing is pretended: real Kafka, real Redis, the services as a user starts them. Whatever happens, everything that was started
 * is ended, and a temporary folder removed.
 */
import { once } from 'node:events'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { FolderLockedError, lockFolder } from '@picket/runtime'
import type { DevFlags } from '../commands/dev.ts'
import { recordedLines } from '../demo/recording.ts'
import { replay } from '../demo/replay.ts'
import { EXIT, WrongUse } from '../failures.ts'
import { DevFleet } from './fleet.ts'
import { cacheFolder, JarsNotFetched, kafkaClassPath, kafkaJars } from './kafka-jars.ts'
import { devPorts } from './ports.ts'
import { writeDevConfig } from './settings.ts'
import { ending, gone, guidance, jarsAreFetched, replayed, step } from './told.ts'
import { needTools } from './tools.ts'

export async function runDev(flags: DevFlags): Promise<number> {
  const log = flags.log === undefined ? undefined : readable(resolve(flags.log))
  const jars = kafkaJars(cacheFolder(process.env))
  needTools(
    ['redis-server', 'java', 'setpriv', ...(existsSync(jars) ? [] : ['mvn' as const])],
    process.env['PATH'] ?? '',
  )
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const folder = openFolder(flags.state)
  try {
    await run({ folder: folder.path, isKept: flags.state !== undefined, log, jars }, stop.signal)
    return EXIT.well
  } catch (error) {
    if (stop.signal.aborted) return EXIT.well
    throw error
  } finally {
    folder.close()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

interface DevRun {
  readonly folder: string
  readonly isKept: boolean
  /** Undefined: the recording. */
  readonly log: string | undefined
  readonly jars: string
}

async function run({ folder, isKept, log, jars }: DevRun, signal: AbortSignal): Promise<void> {
  const classPath = await broughtJars(jars, signal)
  const ports = await devPorts()
  const config = join(folder, 'picket.yaml')
  const followed = log ?? join(folder, 'kern.log')
  const [brokerPort, redisPort, metricsPort] = [ports.broker, ports.redis, ports.metrics]
  const isRecording = log === undefined
  writeDevConfig(config, { folder, brokerPort, redisPort, metricsPort, log: followed, isRecording })
  if (isRecording) writeFileSync(followed, '', { flag: 'a' })
  const fleet = new DevFleet({ folder, config, classPath, ports, isKept })
  try {
    await fleet.start(signal, step)
    fleet.responder?.stdout?.pipe(process.stdout, { end: false })
    guidance({ folder, config, metricsPort, log: followed, isKept })
    if (isRecording) void play(followed, signal)
    await lasting(fleet, signal)
  } finally {
    ending()
    await stopped(fleet)
  }
}

async function broughtJars(jars: string, signal: AbortSignal): Promise<string> {
  if (!existsSync(jars)) jarsAreFetched(jars)
  try {
    return await kafkaClassPath(jars, signal)
  } catch (error) {
    if (error instanceof JarsNotFetched && !signal.aborted)
      throw new WrongUse(`${error.message}; it said:\n${error.detail}`, { cause: error })
    throw error
  }
}

async function play(log: string, signal: AbortSignal): Promise<void> {
  const lines = recordedLines(Math.floor(Date.now() / 1000) * 1000)
  try {
    await replay(log, lines, signal)
    if (!signal.aborted) replayed(lines.length)
  } catch (error) {
    // a full disk; the fleet itself goes on
    step(`the recorded scan cannot be written: ${(error as Error).message}`)
  }
}

/** Until we are told to end; a part that ends by itself is a failure. */
async function lasting(fleet: DevFleet, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const ended = fleet.processes.map(async (process) => {
    await process.ended
    return process
  })
  const first = await Promise.race([once(signal, 'abort').then(() => undefined), ...ended])
  if (first !== undefined) throw first.fault()
}

/** Whoever presses Ctrl-C again does not want to wait. */
async function stopped(fleet: DevFleet): Promise<void> {
  const onSignal = (): void => fleet.kill()
  process.on('SIGINT', onSignal)
  await fleet.stop()
  process.off('SIGINT', onSignal)
  gone()
}

function openFolder(given: string | undefined): { readonly path: string; close(): void } {
  if (given === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'picket-dev-'))
    return {
      path,
      close: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
    }
  }
  const path = resolve(given)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return { path, close: lockFolder(path) }
  } catch (error) {
    const isUsers =
      error instanceof FolderLockedError || (error as NodeJS.ErrnoException).syscall !== undefined
    throw isUsers ? new WrongUse(`--state: ${(error as Error).message}`, { cause: error }) : error
  }
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch (error) {
    throw new WrongUse(`--log: ${(error as Error).message}`, { cause: error })
  }
}
