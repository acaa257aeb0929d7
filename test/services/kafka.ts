/**
 * Starts Apache Kafka for a test: one broker, or a cluster of several, with a fresh log in a temporary folder.
 *
 * `address` is what clients are given. Where the brokers speak TLS (`security`), users are known from the first moment on, and
 * `setPassword` changes one while the broker runs.
 */
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BROKER_IS_READY, brokerArguments, runKafkaTool } from '@picket/cli/dev'
import { type Authority, makeAuthority, writeKeystore } from './certificates.ts'
import { freePort } from './free-port.ts'
import { kafkaClassPath } from './kafka-jars.ts'
import { type KafkaSecurity, type NodePorts, nodeProperties } from './kafka-properties.ts'
import { needTool } from './missing-tool.ts'
import { ServiceProcess } from './service-process.ts'

export interface KafkaOptions {
  /** Lines of server.properties, beside and over ours. */
  readonly properties?: Readonly<Record<string, string>>
  readonly brokers?: number
  readonly heapMb?: number
  /** TLS, SCRAM-SHA-256 and -512 with these users and passwords, and the authorizer; the user `admin` may do all. */
  readonly users?: Readonly<Record<string, string>>
}

export interface KafkaTls {
  /** Signed the brokers' certificates; sign others with it. */
  readonly authority: Authority
  /** Gives the brokers another certificate, which they take at their next start. */
  replaceCertificate(authority: Authority, alternativeNames?: string): void
  /** Changes a password while the broker runs. */
  setPassword(user: string, password: string): Promise<void>
  /** From the next start on, clients without a certificate of the authority are not let in. */
  requireCertificates(): void
}

export class Kafka {
  readonly nodes: readonly ServiceProcess[]
  /** `host:port` of each broker. */
  readonly addresses: readonly string[]
  readonly tls: KafkaTls | undefined

  constructor(nodes: readonly ServiceProcess[], addresses: readonly string[], tls: KafkaTls | undefined) {
    this.nodes = nodes
    this.addresses = addresses
    this.tls = tls
  }

  /** The first broker. */
  get address(): string {
    return this.addresses[0] ?? ''
  }

  get port(): number {
    return Number(this.address.split(':')[1])
  }

  get folder(): string {
    return this.#first.folder
  }

  get pid(): number {
    return this.#first.pid
  }

  log(): string {
    return this.nodes.map((node) => node.log()).join('')
  }

  /** SIGKILL for each broker; `start()` brings them back on their data. */
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()))
  }

  /** In good order; the log stays. */
  async restart(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.halt()))
    await this.start()
  }

  pause(): void {
    for (const node of this.nodes) node.pause()
  }

  resume(): void {
    for (const node of this.nodes) node.resume()
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  get #first(): ServiceProcess {
    const [first] = this.nodes
    if (first === undefined) throw new Error('a cluster without brokers')
    return first
  }
}

export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const classPath = await kafkaClassPath()
  // A leading hyphen would be taken for an option.
  const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`
  const folders = Array.from({ length: options.brokers ?? 1 }, () => ServiceProcess.folderFor('kafka'))
  const ports = await Promise.all(folders.map(freePorts))
  const made = makeTls(folders[0] ?? '', options, ports[0], classPath)
  const nodes = await Promise.all(
    folders.map((folder, at) => {
      const settings = {
        id: at + 1,
        nodes: ports,
        folder,
        security: made?.security,
        extra: options.properties ?? {},
      }
      writeFileSync(join(folder, 'server.properties'), nodeProperties(settings))
      return startNode(folder, { classPath, cluster, options, quorum: folders.length })
    }),
  )
  const addresses = ports.map(({ broker }) => `127.0.0.1:${broker}`)
  return new Kafka(nodes, addresses, made?.tls)
}

async function freePorts(): Promise<NodePorts> {
  return { broker: await freePort(), controller: await freePort(), internal: await freePort() }
}

interface NodeStart {
  readonly classPath: string
  readonly cluster: string
  readonly options: KafkaOptions
  readonly quorum: number
}

async function startNode(folder: string, start: NodeStart): Promise<ServiceProcess> {
  await format(folder, start)
  return ServiceProcess.start({
    name: 'Kafka',
    command: needTool('java'),
    args: brokerArguments(start.classPath, join(folder, 'server.properties'), start.options.heapMb ?? 256),
    folder,
    isReady: (log) => log.includes(BROKER_IS_READY),
  })
}

async function format(folder: string, { classPath, cluster, options }: NodeStart): Promise<void> {
  const users = Object.entries({ ...options.users }).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  )
  const args = ['format', '-t', cluster, '-c', join(folder, 'server.properties'), ...users]
  await runKafkaTool(classPath, 'kafka.tools.StorageTool', args)
}

function makeTls(
  folder: string,
  { users }: KafkaOptions,
  ports: NodePorts | undefined,
  classPath: string,
): { readonly security: KafkaSecurity; readonly tls: KafkaTls } | undefined {
  if (users === undefined) return undefined
  const certificates = join(folder, 'certificates')
  mkdirSync(certificates)
  const authority = makeAuthority(certificates)
  const keystore = join(certificates, 'keystore.pem')
  writeKeystore(authority.issue('broker'), keystore)
  // one request cannot change both
  const setPassword = async (user: string, password: string): Promise<void> => {
    const bootstrap = ['--bootstrap-server', `127.0.0.1:${ports?.internal}`]
    const entity = ['--alter', '--entity-type', 'users', '--entity-name', user]
    for (const bits of ['256', '512']) {
      const credential = ['--add-config', `SCRAM-SHA-${bits}=[password=${password}]`]
      await runKafkaTool(classPath, 'org.apache.kafka.tools.ConfigCommand', [
        ...bootstrap,
        ...entity,
        ...credential,
      ])
    }
  }
  const replaceCertificate = (by: Authority, alternativeNames?: string): void =>
    writeKeystore(by.issue('broker', alternativeNames), keystore)
  const requireCertificates = (): void =>
    appendFileSync(join(folder, 'server.properties'), 'listener.name.clients.ssl.client.auth=required\n')
  return {
    security: { keystore, truststore: authority.cert, superUser: 'admin' },
    tls: { authority, replaceCertificate, setPassword, requireCertificates },
  }
}
