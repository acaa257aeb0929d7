/**
 * Section `enforcer`: what bans on this host, by whose word, and never whom.
 *
 * Which brokers it reads is section `kafka`; its name and site are those of section `collector`, since a ban names hosts as packets do.
 */
import { z } from 'zod'
import { type AllowConfigList, allowList } from './allow-schema.ts'
import { port, texts, whole } from './values.ts'

export interface EnforcerConfig {
  readonly state: string
  readonly keys: string
  readonly publicKeys: readonly string[]
  readonly firewall: 'auto' | 'nftables' | 'ipset' | 'iptables' | 'script' | 'dry-run'
  readonly command: readonly string[]
  readonly caps: {
    readonly total: number
    readonly perMinute: number
    readonly widestV4: number
    readonly widestV6: number
  }
  readonly allow: AllowConfigList
  readonly peers: readonly string[]
  readonly adminPorts: readonly number[]
  readonly heartbeatSeconds: number
}

const CAPS = z
  .strictObject({
    total: whole(10_000, 1, 'Bans in the kernel; what runs keeps its place.', 65_536),
    perMinute: whole(
      100,
      1,
      'Bans that begin within a minute, by the broker’s clock; more have to wait.',
      100_000,
    ),
    widestV4: whole(24, 8, 'The widest IPv4 prefix, as its length.', 32),
    widestV6: whole(64, 16, 'The widest IPv6 prefix.', 128),
  })
  .prefault({})
  .describe('Brakes. At each of them the heartbeat says so.')

const SECTION = z.strictObject({
  state: z
    .string()
    .min(1)
    .default('/var/lib/picket-enforcer')
    .describe('Its own folder: which bans it has verified, and what it said of them.'),
  keys: z
    .string()
    .min(1)
    .default('/etc/picket/keys')
    .describe('Folder of the public keys whose bans are obeyed (`picket keys pin`).'),
  publicKeys: texts('More of them, each as the line that `picket keys show` prints.'),
  firewall: z
    .enum(['auto', 'nftables', 'ipset', 'iptables', 'script', 'dry-run'])
    .default('auto')
    .describe(
      '`auto` is the first of nftables, ipset and iptables that works; `dry-run` bans nothing and says so.',
    ),
  command: texts('For `firewall: script`: the program and its first arguments.'),
  caps: CAPS,
  allow: allowList('Never banned here, whoever asks; also what `rules.allow` names. Read again at SIGHUP.'),
  peers: texts('Hosts that must stay reachable, `HOST` or `HOST:PORT`; brokers and Redis are known.'),
  adminPorts: z
    .array(port(22, 'A port of sshd.'))
    .default([22])
    .describe('Where admins log in: whoever has a session there is not banned.'),
  heartbeatSeconds: whole(10, 1, 'How often it tells the fleet that it is alive.', 3_600),
})

export const ENFORCER: z.ZodType<EnforcerConfig> = SECTION.superRefine(({ firewall, command }, context) => {
  if (firewall === 'script' && command.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['command'],
      message: 'must name the program of firewall: script',
    })
})
  .prefault({})
  .describe(
    'What bans on this host, as a process of a fleet or within `picket run`. In a fleet nothing is obeyed before a key is pinned.',
  )
