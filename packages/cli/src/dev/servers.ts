/**
 * The two servers that a fleet needs, on ports of loopback and with their data in a folder: a Kafka broker, and Redis.
 *
 * Both can be started again on what an earlier run left there.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BROKER_IS_READY,
  brokerArguments,
  brokerProperties,
  plainListeners,
  printProperties,
  runKafkaTool,
} from './broker.ts'
import { LocalProcess } from './local-process.ts'

const HEAP_MB = 256

export interface BrokerPlace {
  readonly classPath: string
  readonly folder: string
  readonly port: number
  readonly controllerPort: number
}

export async function startBroker({
  classPath,
  folder,
  port,
  controllerPort,
}: BrokerPlace): Promise<LocalProcess> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'server.properties')
  const node = { id: 1, controllers: [controllerPort], folder }
  writeFileSync(file, printProperties({ ...brokerProperties(node), ...plainListeners(port, controllerPort) }))
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    // a leading hyphen would be taken for an option
    const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`
    await runKafkaTool(classPath, 'kafka.tools.StorageTool', ['format', '-t', cluster, '-c', file])
  }
  return LocalProcess.start({
    name: 'Kafka',
    command: 'java',
    args: brokerArguments(classPath, file, HEAP_MB),
    folder,
    log: join(folder, 'kafka.log'),
    isReady: (log) => log.includes(BROKER_IS_READY),
  })
}

export function startRedis(folder: string, port: number): LocalProcess {
  mkdirSync(folder, { recursive: true })
  mendAppendOnlyFile(folder)
  const directives = { port: String(port), bind: '127.0.0.1', dir: folder, appendonly: 'yes', save: '' }
  return LocalProcess.start({
    name: 'Redis',
    command: 'redis-server',
    args: Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    log: join(folder, 'redis.log'),
    isReady: (log) => log.includes('Ready to accept connections'),
  })
}

/** After a crash Redis 7.0 would else load a half written transaction at the start after the next. */
function mendAppendOnlyFile(folder: string): void {
  const manifest = join(folder, 'appendonlydir', 'appendonly.aof.manifest')
  if (!existsSync(manifest)) return
  execFileSync('redis-check-aof', ['--fix', manifest], { input: 'y\n', stdio: ['pipe', 'ignore', 'ignore'] })
}
