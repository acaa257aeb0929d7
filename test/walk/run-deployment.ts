/**
 * One host: `picket run` inside its namespace, which reads, decides, tells and bans by itself.
 */
import { join } from 'node:path'
import { FleetProcess } from '../fleet/fleet-process.ts'
import type { Smtp } from '../telling/smtp.ts'
import { type Changing, Deployment } from './deployment.ts'
import type { Host, Place } from './place.ts'
import { reload } from './reload.ts'
import { sectionsFor } from './sections.ts'
import type { Whois } from './whois.ts'

export class RunDeployment extends Deployment {
  readonly name = 'run'
  readonly config: string
  protected readonly socket: string
  readonly #process: FleetProcess
  readonly #sections: Record<string, unknown>

  private constructor(host: Host, smtp: Smtp, whois: Whois) {
    super([host], smtp)
    const { folder } = host
    this.config = join(folder, 'picket.yaml')
    this.socket = join(folder, 'state', 'control.sock')
    this.#sections = {
      ...sectionsFor({ smtp, whois }, join(folder, 'ban.key')),
      sources: [{ type: 'file', name: 'kern', path: host.log }],
      state: join(folder, 'state'),
      enforcer: { state: join(folder, 'bans'), keys: join(folder, 'keys') },
      metrics: { enabled: false },
    }
    const through = host.through
    this.#process = new FleetProcess({
      ...{ service: 'run', name: 'run', folder, config: this.#sections, port: 0, through },
    })
  }

  static async start(place: Place, smtp: Smtp, whois: Whois): Promise<RunDeployment> {
    const [host] = place.hosts
    if (host === undefined) throw new Error('a place without hosts')
    const deployment = new RunDeployment(host, smtp, whois)
    deployment.#process.start()
    await deployment.until(async () => {
      if (!deployment.#process.isRunning) throw new Error(`it has ended; it said:\n${deployment.log()}`)
      return deployment.answers()
    }, 'picket run to answer')
    return deployment
  }

  async change(changing: Partial<Changing>): Promise<void> {
    Object.assign(this.#sections, changing)
    await reload(this.#process)
  }

  protected log(): string {
    return this.#process.log()
  }

  async stop(): Promise<void> {
    await this.#process.kill()
  }
}
