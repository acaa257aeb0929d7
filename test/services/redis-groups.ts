/**
 * Redis in company: a cluster of masters that share the slots, or a master with a replica watched by sentinels.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { needTool } from './missing-tool.ts'
import { Redis, type RedisOptions, startRedis } from './redis.ts'
import { ServiceProcess } from './service-process.ts'
import { waitUntil } from './wait-until.ts'

export interface RedisCluster {
  readonly nodes: readonly Redis[]
  readonly addresses: readonly string[]
  stop(): Promise<void>
}

/** Masters without replicas; the cluster is whole when this resolves. */
export async function startRedisCluster(masters = 3, options: RedisOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: masters }, () => startClusterNode(options)))
  const addresses = nodes.map(({ address }) => address)
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']
  execFileSync(needTool('redis-cli'), create, { stdio: 'ignore' })
  await waitUntil(
    () => nodes.every(({ port }) => redisCli(port, 'CLUSTER', 'INFO').includes('cluster_state:ok')),
    'the cluster to be whole',
  )
  return { nodes, addresses, stop: () => stopAll(nodes) }
}

/** The bus has a port of its own: the default, 10,000 above, may be taken. */
async function startClusterNode(options: RedisOptions): Promise<Redis> {
  const cluster = {
    'cluster-enabled': 'yes',
    'cluster-node-timeout': '2000',
    'cluster-port': String(await freePort()),
  }
  return startRedis({ ...options, directives: { ...cluster, ...options.directives } })
}

export interface SentinelGroup {
  /** Under which the sentinels know the master. */
  readonly name: string
  readonly master: Redis
  readonly replica: Redis
  readonly sentinels: readonly Redis[]
  /** Of the sentinels. */
  readonly addresses: readonly string[]
  /** The port of whoever is master now, as the first sentinel says. */
  masterPort(): number
  stop(): Promise<void>
}

/** A master that does not answer for a second is replaced. */
export async function startRedisSentinels(options: RedisOptions = {}, count = 3): Promise<SentinelGroup> {
  const master = await startRedis(options)
  const replica = await startRedis({ ...options, replicaOf: master })
  const name = 'picket'
  const quorum = Math.floor(count / 2) + 1
  const sentinels = await Promise.all(
    Array.from({ length: count }, () => startSentinel(name, master.port, quorum)),
  )
  const first = sentinels[0]?.port ?? 0
  await waitUntil(() => {
    const replicas = redisCli(first, 'SENTINEL', 'REPLICAS', name).includes(String(replica.port))
    const others = redisCli(first, 'SENTINEL', 'CKQUORUM', name).startsWith(`OK ${count} usable`)
    return replicas && others
  }, 'the sentinels to know each other and the replica')
  return {
    name,
    master,
    replica,
    sentinels,
    addresses: sentinels.map(({ address }) => address),
    masterPort: () => Number(redisCli(first, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name).split('\n')[1]),
    stop: () => stopAll([...sentinels, replica, master]),
  }
}

async function startSentinel(name: string, masterPort: number, quorum: number): Promise<Redis> {
  const port = await freePort()
  const folder = ServiceProcess.folderFor('sentinel')
  const file = join(folder, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} ${quorum}`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 5000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const service = await ServiceProcess.start({
    name: 'Redis Sentinel',
    command: needTool('redis-server'),
    args: [file, '--sentinel'],
    folder,
    isReady: (log) => log.includes('Sentinel ID is') || log.includes('+monitor'),
  })
  return new Redis(port, service, undefined)
}

/** One command by redis-cli, and what it printed. An error of Redis is printed, too. */
export function redisCli(port: number, ...command: readonly string[]): string {
  return execFileSync(needTool('redis-cli'), ['-p', String(port), ...command], { encoding: 'utf8' })
}

async function stopAll(servers: readonly Redis[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()))
}
