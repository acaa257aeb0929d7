/**
 * Run service: one process of the fleet from its configuration to its end.
 *
 * SIGTERM and SIGINT end it with everything saved, SIGHUP reads the configuration again where the service can. What the
 * outside lacks at the start (a broker, a topic, a right) is told in words and is exit status 2; a failure later on is 70.
 */
import { type Listening, type Logger, Metrics, makeLogger, serveHealth } from '@picket/runtime'
import { safeText } from '@picket/schemas'
import { findConfig, type Loaded, loadConfig } from '../config/load.ts'
import { EXIT, WrongUse } from '../failures.ts'
import { VERSION } from '../version.ts'
import { registerBuild } from './build-info.ts'
import { METRICS_PORT_AFTER, type Service, type ServiceProcess } from './service.ts'

export interface ServiceFlags {
  readonly config?: string
}

/** A process that does not end within this after it was told to is ended. */
const END_MS = 10_000

export async function runService(service: Service, flags: ServiceFlags): Promise<number> {
  const loaded = await load(flags)
  const log = makeLogger(loaded.config.log)
  const metrics = new Metrics().withProcessMetrics()
  registerBuild(metrics)
  // Before anything starts: whoever is told to end while it starts ends in good order too.
  const signals = new Signals()
  const running = await started(service, loaded, { log, metrics })
  const health = await serveHealthOf(service, loaded, metrics, running)
  signals.onHangup = () => void reload(flags, running, log)
  log.info({ service: service.name, version: VERSION }, `${service.name} has started`)
  const reason = await Promise.race([signals.ending, running.failed])
  if (reason instanceof Error) log.fatal({ err: reason }, `${service.name} cannot go on: ${reason.message}`)
  else log.info({ signal: reason }, `${service.name} ends (${reason})`)
  await Promise.race([running.stop(), tooLate(log)])
  await health?.close()
  signals.close()
  log.info({ service: service.name }, `${service.name} has ended`)
  return reason instanceof Error ? EXIT.internal : EXIT.well
}

/** What the process is told from outside. */
class Signals {
  readonly ending: Promise<NodeJS.Signals>
  onHangup: () => void = () => undefined
  readonly #hangup = (): void => this.onHangup()
  #end: (signal: NodeJS.Signals) => void = () => undefined

  constructor() {
    this.ending = new Promise((resolve) => {
      this.#end = resolve
    })
    process.on('SIGTERM', this.#end).on('SIGINT', this.#end).on('SIGHUP', this.#hangup)
  }

  close(): void {
    process.off('SIGTERM', this.#end).off('SIGINT', this.#end).off('SIGHUP', this.#hangup)
  }
}

async function load(flags: ServiceFlags): Promise<Loaded> {
  const loaded = await loadConfig(findConfig(flags.config, process.env))
  for (const warning of loaded.rules.warnings) process.stderr.write(`picket: ${safeText(warning)}\n`)
  return loaded
}

async function started(
  service: Service,
  loaded: Loaded,
  parts: { log: Logger; metrics: Metrics },
): Promise<ServiceProcess> {
  try {
    return await service.start(loaded, parts)
  } catch (error) {
    if (isUsersToMend(error)) throw new WrongUse(error.message, { cause: error })
    throw error
  }
}

/** What the machine, the fleet or the configuration lacks says so with a reason; a fault of ours does not. */
function isUsersToMend(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  return 'reason' in error || 'syscall' in error || error.cause !== undefined
}

async function serveHealthOf(
  { name }: Service,
  { config }: Loaded,
  metrics: Metrics,
  source: ServiceProcess,
): Promise<Listening | undefined> {
  if (!config.metrics.enabled) return undefined
  const { host, port } = config.metrics
  try {
    return await serveHealth(
      { host, port: port === 0 ? 0 : port + METRICS_PORT_AFTER[name] },
      metrics,
      source,
    )
  } catch (error) {
    await source.stop()
    throw new WrongUse((error as Error).message, { cause: error })
  }
}

async function reload(flags: ServiceFlags, running: ServiceProcess, log: Logger): Promise<void> {
  try {
    if (running.reload === undefined)
      throw new Error('this service takes a new configuration by a restart only')
    await running.reload(await load(flags))
    log.info('the configuration was read again and holds now')
  } catch (error) {
    // a line a fault
    const faults = (error as Error).message.replaceAll('\n', '; ')
    log.error(`the new configuration is refused, the old one holds on: ${safeText(faults, 2_000)}`)
  }
}

function tooLate(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => {
      log.warn(
        `not everything came to its end within ${END_MS / 1_000} s; it will be taken up at the next start`,
      )
      resolve()
    }, END_MS).unref()
  })
}
