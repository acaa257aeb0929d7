/**
 * RedisSettings: where Redis is and how one gets in. The configuration's section `redis` has the same names.
 */
import type { Logger } from '../logger.ts'

export interface RedisSettings {
  /** `redis://HOST:PORT/DB`, or `rediss://` for TLS. With sentinels or a cluster only scheme and DB count. */
  readonly url: string
  readonly sentinels?: SentinelSettings | undefined
  /** Some nodes of a Redis Cluster, `HOST:PORT`. */
  readonly cluster?: readonly string[] | undefined
  readonly username?: string | undefined
  /** Read again at every connection, so that a password can be changed while Picket runs. */
  readonly passwordFile?: string | undefined
  readonly tls?: RedisTls | undefined
  /** Every key begins so. */
  readonly prefix: string
  /** A command without an answer for so long has failed. */
  readonly timeoutSeconds: number
}

export interface SentinelSettings {
  /** The name that the sentinels know the master by. */
  readonly name: string
  /** `HOST:PORT` each. */
  readonly nodes: readonly string[]
  readonly username?: string | undefined
  readonly passwordFile?: string | undefined
}

export interface RedisTls {
  /** File of the authorities to trust (PEM); without it those of Node. */
  readonly ca?: string | undefined
}

export const DEFAULT_REDIS: RedisSettings = {
  url: 'redis://127.0.0.1:6379',
  prefix: 'picket:',
  timeoutSeconds: 5,
}

/**
 * All that Picket ever calls in Redis. `claim` uses every right that a commit needs, so a right that is missing shows before
 * anything is written.
 */
export const REDIS_RIGHTS: readonly string[] = [
  ...[
    'eval',
    'evalsha',
    'hget',
    'hmget',
    'hgetall',
    'hset',
    'mget',
    'setex',
    'rpush',
    'lrange',
    'llen',
    'ltrim',
  ],
  ...['scan', 'info', 'select', 'client|setname', 'cluster|slots', 'cluster|info'],
]

/** What redis.conf says of Picket's user; its password is added there as `>PASSWORD` or `#SHA256`. */
export function redisUserLine(user: string, { prefix }: Pick<RedisSettings, 'prefix'>): string {
  return [`user ${user} on resetchannels ~${prefix}*`, ...REDIS_RIGHTS.map((right) => `+${right}`)].join(' ')
}

export type StoreLog = Pick<Logger, 'info' | 'warn' | 'error'>
