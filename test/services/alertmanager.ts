/** Starts a Prometheus Alertmanager for a test, and asks it what it knows. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { needTool } from './missing-tool.ts'
import { ServiceProcess } from './service-process.ts'

export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

export class Alertmanager {
  readonly port: number
  readonly process: ServiceProcess

  constructor(port: number, process: ServiceProcess) {
    this.port = port
    this.process = process
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** What fires now. */
  async alerts(): Promise<FiringAlert[]> {
    return (await (await fetch(`${this.url}/api/v2/alerts`)).json()) as FiringAlert[]
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}

export async function startAlertmanager(): Promise<Alertmanager> {
  const port = await freePort()
  const folder = ServiceProcess.folderFor('alertmanager')
  // JSON is YAML
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }),
  )
  const service = await ServiceProcess.start({
    name: 'Alertmanager',
    command: needTool('prometheus-alertmanager'),
    args: [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    folder,
    isReady: async () => {
      try {
        return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
      } catch {
        return false
      }
    },
  })
  return new Alertmanager(port, service)
}
