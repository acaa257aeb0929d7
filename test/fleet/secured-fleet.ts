/**
 * The four processes of a fleet at a broker that asks for TLS and a login: each as the user whose rights `picket topics acl` grants.
 *
 * The enforcer is a dry run: what is tried here is what the broker lets it do, not what it does to a kernel.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeKeyFile, publicKeyText } from '@picket/runtime/bans'
import { type Ended, picket } from '../picket.ts'
import { freePort } from '../services/free-port.ts'
import { FleetProcess } from './fleet-process.ts'
import { appendScan } from './scan-lines.ts'

export interface SecuredPlace {
  readonly folder: string
  /** Of the section `kafka`, for one user. */
  readonly kafka: (user: string) => object
  /** `host:port` */
  readonly redis: string
  /** Of keys in Redis. */
  readonly prefix: string
}

/** As metrics.port is the collector's, and the others come after it. */
const SERVICES = ['collector', 'enforcer', 'detector', 'responder'] as const

export class SecuredFleet {
  readonly reporter = 'web1'
  readonly processes: readonly FleetProcess[]
  readonly #log: string

  private constructor(processes: readonly FleetProcess[], log: string) {
    this.processes = processes
    this.#log = log
  }

  /** Resolves when each says that it is ready. */
  static async start(place: SecuredPlace): Promise<SecuredFleet> {
    const log = join(place.folder, 'kern.log')
    writeFileSync(log, '')
    const fleet = new SecuredFleet(await processesOf(place, log), log)
    for (const process of fleet.processes) process.start()
    for (const process of fleet.processes) await process.ready()
    return fleet
  }

  /** Many ports of one host: the log of that host grows by it. */
  scan(src: string): void {
    appendScan(
      this.#log,
      Array.from({ length: 200 }, (_, dpt) => ({ src, dst: '10.0.0.1', dpt: dpt + 1 })),
    )
  }

  /** As whoever may use the responder's socket. */
  ask(...args: readonly string[]): Promise<Ended> {
    const [, , , responder] = this.processes
    return picket([...args, '--config', join(responder?.command.folder ?? '', 'picket.yaml')])
  }

  logs(): string {
    return this.processes.map((process) => process.wholeLog()).join('')
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()))
  }
}

async function processesOf(
  { folder, kafka, redis, prefix }: SecuredPlace,
  log: string,
): Promise<FleetProcess[]> {
  const key = join(folder, 'ban.key')
  const pinned = publicKeyText(makeKeyFile(key).publicKey)
  const sections = {
    collector: { sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }], timeZone: 'UTC' },
    enforcer: { enforcer: { state: join(folder, 'bans'), publicKeys: [pinned], firewall: 'dry-run' } },
    detector: {},
    responder: {
      decisions: { rules: [{ name: 'serious', when: { level: 3 }, tell: [], ban: '1h' }] },
      bans: { key },
    },
  }
  const base = await freePort()
  return SERVICES.map((service, offset) => {
    const own = join(folder, service)
    mkdirSync(own)
    const config = {
      kafka: { ...kafka(`picket-${service}`), sessionTimeoutSeconds: 6 },
      redis: { url: `redis://${redis}`, prefix: `${prefix}:` },
      metrics: { port: base },
      state: join(own, 'state'),
      ...sections[service],
      collector: { reporter: 'web1' },
    }
    return new FleetProcess({ service, name: service, folder: own, port: base + offset, config })
  })
}
