/**
 * Connect: an ioredis client for one Redis, for Sentinel or for a cluster.
 *
 * ioredis must never send anything twice by itself and never keep a command for later: whether a lost commit is sent again is
 * for the store to decide, and a command that waits in a queue would be carried out when nobody wants it any more.
 */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import type { RedisSettings, StoreLog } from '../redis-settings.ts'

export type RedisClient = Redis | Cluster

const LONGEST_PAUSE_MS = 2000

export function connect(settings: RedisSettings, log: StoreLog): RedisClient {
  const secure = tlsOf(settings)
  const options: CommonOptions = {
    ...commonOptions(settings),
    ...(secure === undefined ? {} : { tls: secure }),
  }
  const password = passwordReader(settings.passwordFile, log)
  if (settings.cluster !== undefined) return clusterOf(settings.cluster, options, password)
  const place =
    settings.sentinels === undefined ? addressOf(settings.url) : sentinelsOf(settings, secure, log)
  const all: RedisOptions & CommonOptions = {
    ...options,
    ...place,
    enableOfflineQueue: false,
    db: databaseOf(settings.url),
    password: password(),
    retryStrategy: (attempt: number) => {
      redis.options.password = password()
      return pause(attempt)
    },
  }
  const redis: Redis = new Redis(all)
  return redis
}

/** For log lines and errors; never holds a secret. */
export function whereIs({ url, sentinels, cluster }: RedisSettings): string {
  if (cluster !== undefined) return `Redis Cluster at ${cluster.join(', ')}`
  if (sentinels !== undefined) return `Redis ${sentinels.name} of the sentinels ${sentinels.nodes.join(', ')}`
  return `Redis at ${new URL(url).host}`
}

/** What one Redis and each node of a cluster have in common. */
type CommonOptions = NonNullable<ClusterOptions['redisOptions']> & { replyMapping: 'legacy' }

function commonOptions({ username, timeoutSeconds }: RedisSettings): CommonOptions {
  const milliseconds = timeoutSeconds * 1000
  return {
    username,
    connectionName: 'picket',
    disableClientInfo: true,
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: milliseconds,
    // A connection that is silent for longer than a command may take is dead, and only a new one helps.
    socketTimeout: milliseconds + 500,
    connectTimeout: milliseconds,
    maxLoadingRetryTime: 500,
    keepAlive: 10_000,
  }
}

function sentinelsOf(
  { sentinels }: RedisSettings,
  secure: ConnectionOptions | undefined,
  log: StoreLog,
): Omit<RedisOptions, 'replyMapping'> {
  if (sentinels === undefined) return {}
  const password = passwordReader(sentinels.passwordFile, log)
  return {
    name: sentinels.name,
    sentinels: sentinels.nodes.map(nodeOf),
    sentinelUsername: sentinels.username,
    sentinelPassword: password(),
    ...(secure === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: secure }),
    failoverDetector: true,
    // The one we speak to has become a replica: ask the sentinels again.
    reconnectOnError: (error) => /\bREADONLY\b/.test(error.message),
  }
}

function clusterOf(
  nodes: readonly string[],
  options: CommonOptions,
  password: () => string | undefined,
): Cluster {
  const cluster = new Cluster(nodes.map(nodeOf), {
    redisOptions: { ...options, password: password() },
    lazyConnect: true,
    enableOfflineQueue: false,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    clusterRetryStrategy: pause,
    slotsRefreshTimeout: 2000,
    slotsRefreshInterval: 5000,
    // Names stay names, or no certificate would fit them.
    dnsLookup: (address, done) => done(null, address),
  })
  // A node's client never connects twice: a new one takes its place, and this is before it connects.
  cluster.on('+node', (node: Redis) => {
    node.options.password = password()
  })
  return cluster
}

function pause(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2)
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: unbracketed(hostname), port: port === '' ? 6379 : Number(port) }
}

function databaseOf(url: string): number {
  return Number(new URL(url).pathname.slice(1))
}

function nodeOf(node: string): { host: string; port: number } {
  return addressOf(`redis://${node}`)
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

function tlsOf({ url, tls }: RedisSettings): ConnectionOptions | undefined {
  if (!url.startsWith('rediss:')) return undefined
  return tls?.ca === undefined ? {} : { ca: readFileSync(tls.ca) }
}

/** The first reading must succeed; later a file that is just being replaced leaves the password as it was. */
function passwordReader(file: string | undefined, log: StoreLog): () => string | undefined {
  if (file === undefined) return () => undefined
  let last = readFileSync(file, 'utf8').trimEnd()
  return () => {
    try {
      last = readFileSync(file, 'utf8').trimEnd()
    } catch (error) {
      log.warn({ file, err: error }, 'the password of Redis cannot be read again; the last one is used')
    }
    return last
  }
}
