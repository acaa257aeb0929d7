/**
 * Control from elsewhere: the responder's TLS listener (`responder.remote`), and whom the commands on this machine ask (`remote`).
 *
 * There is no switch for plain text, and none that trusts any certificate.
 */
import type { RemoteControlSettings } from '@picket/runtime'
import { z } from 'zod'
import { DEFAULT_TOKENS } from './default-places.ts'
import { whole } from './values.ts'

export interface RemoteListenConfig {
  readonly listen: string
  readonly cert: string
  readonly key: string
  readonly tokens: string
  readonly connections: number
  readonly perMinute: number
}

export interface RemoteAskConfig {
  readonly responder?: string | undefined
  readonly tokenFile?: string | undefined
  readonly ca?: string | undefined
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

const HOST_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/

/** `HOST:PORT`, or `[ADDRESS]:PORT` for IPv6. */
export function hostPortOf(text: string): HostPort | undefined {
  const found = HOST_PORT.exec(text)
  const [host, port] = [found?.[1] ?? found?.[2] ?? '', Number(found?.[3])]
  return host === '' || port > 65_535 ? undefined : { host, port }
}

const hostPort = (): z.ZodString =>
  z.string().refine((text) => hostPortOf(text) !== undefined, 'must be HOST:PORT, or [ADDRESS]:PORT for IPv6')

const LISTEN: z.ZodType<RemoteListenConfig> = z.strictObject({
  listen: hostPort().describe('Address and port to listen on, e.g. `0.0.0.0:9490` or `[::]:9490`.'),
  cert: z
    .string()
    .min(1)
    .describe(
      'Its certificate and those below its authority (PEM file); a new one is taken without a restart.',
    ),
  key: z.string().min(1).describe('The key of the certificate (PEM file), for its owner only.'),
  tokens: z
    .string()
    .min(1)
    .default(DEFAULT_TOKENS)
    .describe('Who may ask: the file that `picket keys token` writes. Read again for each request.'),
  connections: whole(32, 1, 'Open at once; more are hung up on.', 1_000),
  perMinute: whole(60, 1, 'Calls of one address within a minute; more are hung up on.', 10_000),
})

export const REMOTE_LISTEN: z.ZodOptional<z.ZodType<RemoteListenConfig>> = LISTEN.optional().describe(
  'Commands from other machines, over TLS with a token; without it only those on this machine.',
)

export const REMOTE: z.ZodType<RemoteAskConfig> = z
  .strictObject({
    responder: hostPort()
      .optional()
      .describe(
        'The responder that `picket ban`, `bans`, `allow`, `explain` and `status` ask (its `responder.remote.listen`).',
      ),
    tokenFile: z.string().min(1).optional().describe('File that holds our token, for its owner only.'),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('The authorities to trust (PEM file); without it those of Node.'),
  })
  .prefault({})
  .describe('Asking a responder that runs on another machine.')

export function remoteSettings({ listen, ...other }: RemoteListenConfig): RemoteControlSettings {
  const { host, port } = hostPortOf(listen) ?? { host: listen, port: 0 }
  return { ...other, host, port }
}
