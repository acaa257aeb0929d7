/**
 * Section `redis`: where the detector keeps the state of scans, and the responder its incidents.
 *
 * A password stands in a file of its own, never in the configuration. Plain text that leaves this machine has to be asked for,
 * since who can write to Redis can make Picket forget or invent a scan.
 */
import { DEFAULT_REDIS, type RedisSettings } from '@picket/runtime'
import { z } from 'zod'
import { flag } from './values.ts'

export interface RedisConfig extends RedisSettings {
  readonly insecure: boolean
}

/** Names a file that holds the password, where the configuration names none. */
const PASSWORD_FILE_VARIABLE = 'PICKET_REDIS_PASSWORD_FILE'

export function redisSettings(config: RedisConfig, env: NodeJS.ProcessEnv): RedisSettings {
  const { insecure: _, ...settings } = config
  const passwordFile = settings.passwordFile ?? env[PASSWORD_FILE_VARIABLE]
  return { ...settings, passwordFile: passwordFile === '' ? undefined : passwordFile }
}

const node = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/@[\]]+):\d{1,5}$/, 'must be HOST:PORT, an IPv6 address in brackets')

const username = (whose: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().describe(`${whose}; without it Redis’ own \`default\`.`)

const passwordFile = (more: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`File that holds the password, read again at every connection${more}.`)

const SENTINELS = z
  .strictObject({
    name: z.string().min(1).describe('The name that the sentinels know the master by.'),
    nodes: z.array(node).min(1).describe('The sentinels, `HOST:PORT` each.'),
    username: username('ACL user of the sentinels'),
    passwordFile: passwordFile(''),
  })
  .optional()
  .describe('Ask sentinels which Redis is master. Of `url` only scheme and database count then.')

const TLS = z
  .strictObject({
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('File of the authorities to trust (PEM); without it those of Node.'),
  })
  .optional()
  .describe('For `rediss://`.')

const SECTION = z.strictObject({
  url: z
    .string()
    .refine(isRedisUrl, 'must be redis://HOST:PORT/DB or rediss://HOST:PORT/DB, without user and password')
    .default(DEFAULT_REDIS.url)
    .describe('`redis://HOST:PORT/DB`, or `rediss://` for TLS.'),
  sentinels: SENTINELS,
  cluster: z
    .array(node)
    .min(1)
    .optional()
    .describe('Some nodes of a Redis Cluster, `HOST:PORT` each. Of `url` only the scheme counts then.'),
  username: username('ACL user'),
  passwordFile: passwordFile(`; without it what \`${PASSWORD_FILE_VARIABLE}\` names`),
  tls: TLS,
  prefix: z
    .string()
    .max(32)
    .regex(/^[\w.:-]*$/, 'must consist of letters, digits and _ . : -')
    .default(DEFAULT_REDIS.prefix)
    .describe('Every key begins so. Short ones save memory.'),
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(300)
    .default(DEFAULT_REDIS.timeoutSeconds)
    .describe('A command without an answer for so long has failed.'),
  insecure: flag(false, 'Plain text to a Redis on another machine: without this a fault.'),
})

export const REDIS: z.ZodType<RedisConfig> = SECTION.superRefine(checkPlaces)
  .prefault({})
  .describe('Where the state of a fleet’s scans lies.')

function checkPlaces({ url, sentinels, cluster, insecure }: RedisConfig, context: z.RefinementCtx): void {
  if (sentinels !== undefined && cluster !== undefined) {
    context.addIssue({ code: 'custom', path: ['cluster'], message: 'must not stand beside sentinels' })
  }
  if (insecure || !isRedisUrl(url) || url.startsWith('rediss:')) return
  for (const { path, host } of placesOf({ url, sentinels, cluster })) {
    if (isLoopback(host)) continue
    const message = 'would be reached in plain text: use a url of rediss://, or allow it with insecure: true'
    context.addIssue({ code: 'custom', path, message })
  }
}

interface Place {
  readonly path: (string | number)[]
  readonly host: string
}

function placesOf({ url, sentinels, cluster }: Pick<RedisConfig, 'url' | 'sentinels' | 'cluster'>): Place[] {
  const named = (base: readonly string[], nodes: readonly string[]): Place[] =>
    nodes.map((address, at) => ({ path: [...base, at], host: address.slice(0, address.lastIndexOf(':')) }))
  if (sentinels !== undefined) return named(['sentinels', 'nodes'], sentinels.nodes)
  if (cluster !== undefined) return named(['cluster'], cluster)
  return [{ path: ['url'], host: new URL(url).hostname }]
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/./.test(text) || !URL.canParse(text)) return false
  const { username: user, password, hostname, pathname, search, hash } = new URL(text)
  return user + password + search + hash === '' && hostname !== '' && /^(\/\d*)?$/.test(pathname)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
