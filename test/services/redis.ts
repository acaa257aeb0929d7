/**
 * Starts redis-server for a test, with nothing saved unless asked, in a temporary folder.
 *
 * Before each start on an append-only file that is there, `redis-check-aof --fix` cuts a torn tail: without it Redis 7.0 would load a
 * half written transaction at the start after the next.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Authority, makeAuthority } from './certificates.ts'
import { freePort } from './free-port.ts'
import { needTool } from './missing-tool.ts'
import { ServiceProcess } from './service-process.ts'

export interface RedisOptions {
  readonly appendonly?: boolean
  readonly appendfsync?: 'always' | 'everysec' | 'no'
  /** As Redis writes it, e.g. `64mb`; nothing is evicted beyond it. */
  readonly maxmemory?: string
  readonly replicaOf?: { readonly port: number }
  /** ACL users as in redis.conf, e.g. `detector on >secret ~* +@all`; the user `default` is off then, unless it is among them. */
  readonly users?: readonly string[]
  /** Only TLS, with a certificate for 127.0.0.1. */
  readonly tls?: boolean
  /** Any directive of redis.conf beside ours. */
  readonly directives?: Readonly<Record<string, string>>
}

export class Redis {
  readonly port: number
  readonly process: ServiceProcess
  readonly authority: Authority | undefined

  constructor(port: number, process: ServiceProcess, authority: Authority | undefined) {
    this.port = port
    this.process = process
    this.authority = authority
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get folder(): string {
    return this.process.folder
  }

  get pid(): number {
    return this.process.pid
  }

  log(): string {
    return this.process.log()
  }

  /** SIGKILL; `start()` brings it back on its append-only file, if it has one. */
  kill(): Promise<void> {
    return this.process.kill()
  }

  start(): Promise<void> {
    return this.process.start()
  }

  restart(): Promise<void> {
    return this.process.restart()
  }

  pause(): void {
    this.process.pause()
  }

  resume(): void {
    this.process.resume()
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}

export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const port = await freePort()
  const folder = ServiceProcess.folderFor('redis')
  const authority = options.tls === true ? makeAuthority(join(folder, 'certificates')) : undefined
  const service = await ServiceProcess.start({
    name: 'Redis',
    command: needTool('redis-server'),
    args: [...directives(port, folder, options), ...tlsDirectives(port, authority)],
    folder,
    isReady: (log) => log.includes('Ready to accept connections'),
    prepare: () => mendAppendOnlyFile(folder),
  })
  return new Redis(port, service, authority)
}

function directives(port: number, folder: string, options: RedisOptions): string[] {
  const all: Record<string, string | undefined> = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: options.appendonly === true ? 'yes' : 'no',
    appendfsync: options.appendfsync ?? 'everysec',
    maxmemory: options.maxmemory,
    replicaof: options.replicaOf && `127.0.0.1 ${options.replicaOf.port}`,
    ...options.directives,
  }
  const plain = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, ...value.split(' ')],
  )
  const users = options.users ?? []
  const closed =
    users.length === 0 || users.some((user) => user.startsWith('default ')) ? [] : ['default off']
  return [...plain, '--save', '', ...[...closed, ...users].flatMap((user) => ['--user', ...user.split(' ')])]
}

function tlsDirectives(port: number, authority: Authority | undefined): string[] {
  if (authority === undefined) return []
  const { cert, key } = authority.issue('redis')
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-replication', 'yes'],
    ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', authority.cert],
  ]
}

/** The manifest names the parts; the tool asks before it cuts. */
function mendAppendOnlyFile(folder: string): void {
  const manifest = join(folder, 'appendonlydir', 'appendonly.aof.manifest')
  if (!existsSync(manifest)) return
  // It ends without reading the answer where there is nothing to mend.
  const { status, error } = spawnSync(needTool('redis-check-aof'), ['--fix', manifest], {
    input: 'y\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  if (status !== 0) throw new Error(`redis-check-aof ended with ${status}`, { cause: error })
}
