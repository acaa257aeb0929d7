/**
 * The fleet that `picket dev` runs, in the order in which its parts need each other, and ended the other way round.
 *
 * `start` throws when it is told to end meanwhile; whoever calls it calls `stop` in any case.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mend } from '../topics/apply.ts'
import { compareTopics, withTopics } from '../topics/open.ts'
import { LocalProcess } from './local-process.ts'
import type { DevPorts } from './ports.ts'
import { startBroker, startRedis } from './servers.ts'
import { DEV_SERVICES, type DevService, metricsUrl } from './settings.ts'

export interface DevFleetPlace {
  readonly folder: string
  readonly config: string
  readonly classPath: string
  readonly ports: DevPorts
  /** What is in the folder is wanted again. */
  readonly isKept: boolean
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))
/** A service drains what it holds; a broker writes out its log. */
const STOP_MS = 15_000

export class DevFleet {
  readonly #place: DevFleetPlace
  readonly #servers: LocalProcess[] = []
  readonly #services: LocalProcess[] = []

  constructor(place: DevFleetPlace) {
    this.#place = place
  }

  async start(signal: AbortSignal, onStep: (what: string) => void): Promise<void> {
    const { folder, config, classPath, ports } = this.#place
    const [port, controllerPort] = [ports.broker, ports.controller]
    const redis = startRedis(join(folder, 'redis'), ports.redis)
    this.#servers.push(redis)
    const broker = await startBroker({ classPath, folder: join(folder, 'kafka'), port, controllerPort })
    this.#servers.push(broker)
    for (const server of this.#servers) await server.ready(signal)
    onStep(`Kafka on 127.0.0.1:${ports.broker}, Redis on 127.0.0.1:${ports.redis}`)
    await makeTopics(config)
    mkdirSync(join(folder, 'state'), { recursive: true, mode: 0o700 })
    for (const service of DEV_SERVICES) this.#services.push(this.#startService(service))
    for (const service of this.#services) await service.ready(signal)
    onStep('collector, detector, responder and enforcer (a dry run) are ready')
  }

  get processes(): readonly LocalProcess[] {
    return [...this.#servers, ...this.#services]
  }

  /** Its standard output is alerts, one a line. */
  get responder(): LocalProcess | undefined {
    return this.#services.find(({ name }) => name === 'responder')
  }

  #startService(service: DevService): LocalProcess {
    const { folder, config, ports } = this.#place
    const url = metricsUrl(ports.metrics, service, '/readyz')
    return LocalProcess.start({
      name: service,
      command: process.execPath,
      args: [MAIN, service, '--config', config],
      folder,
      log: join(folder, `${service}.log`),
      isRead: service === 'responder',
      isReady: () => answers(url),
    })
  }

  /** Collector first, so that what it read is judged and told; servers last. */
  async stop(): Promise<void> {
    for (const service of [...this.#services].reverse()) await service.stop(STOP_MS)
    if (!this.#place.isKept) for (const server of this.#servers) server.kill()
    await Promise.all(this.#servers.map((server) => server.stop(STOP_MS)))
  }

  kill(): void {
    for (const process of this.processes) process.kill()
  }
}

async function makeTopics(config: string): Promise<void> {
  await withTopics(config, async (topics) => {
    for (const topic of await compareTopics(topics)) await mend(topics.admin, topic)
  })
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
