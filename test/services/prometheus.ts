/**
 * Starts a Prometheus for a test; it scrapes each second what it is given, and is asked in its own language.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { needTool } from './missing-tool.ts'
import { ServiceProcess } from './service-process.ts'

export interface PrometheusOptions {
  /** `host:port` of each process to scrape, at /metrics. */
  readonly targets: readonly string[]
  /** Paths of files with rules. */
  readonly rules?: readonly string[]
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export class Prometheus {
  readonly port: number
  readonly process: ServiceProcess

  constructor(port: number, process: ServiceProcess) {
    this.port = port
    this.process = process
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** The samples that a query gives now. */
  async query(expression: string): Promise<Sample[]> {
    const response = await fetch(
      `http://${this.address}/api/v1/query?query=${encodeURIComponent(expression)}`,
    )
    const answer = (await response.json()) as Answer
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] }
}

export async function startPrometheus({ targets, rules = [] }: PrometheusOptions): Promise<Prometheus> {
  const port = await freePort()
  const folder = ServiceProcess.folderFor('prometheus')
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: [{ job_name: 'picket', static_configs: [{ targets }] }],
  }
  // JSON is YAML
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const service = await ServiceProcess.start({
    name: 'Prometheus',
    command: needTool('prometheus'),
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    folder,
    isReady: (log) => log.includes('Server is ready to receive web requests'),
  })
  return new Prometheus(port, service)
}
