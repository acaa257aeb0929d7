/**
 * Sections `bans` and `allow`: what every ban has to meet, whatever rule asks for it, and who is never banned.
 *
 * That bans are real is no setting: it is the step `picket bans enable`, so no configuration that is copied from elsewhere bans anybody.
 */
import {
  type AllowEntry,
  type BanPolicy,
  canonicalNetwork,
  DEFAULT_BAN_POLICY,
  PROOFS,
} from '@picket/responder'
import { z } from 'zod'
import { type AllowConfigEntry, type AllowConfigList, allowList } from './allow-schema.ts'
import { seconds, whole } from './values.ts'

export interface BansConfig {
  readonly key: string
  readonly proofs: BanPolicy['proofs']
  readonly leastPackets: number
  readonly factor: number
  readonly longest: number
  readonly memory: number
  readonly jitterPercent: number
  readonly widen: BanPolicy['widening']
  readonly caps: BanPolicy['caps']
  readonly confirmSeconds: number
  readonly answerSeconds: number
}

const D = DEFAULT_BAN_POLICY

const CAPS = z
  .strictObject({
    perMinute: whole(
      D.caps.perMinute,
      1,
      'Bans that begin within a minute; by hand as many as you like.',
      100_000,
    ),
    total: whole(D.caps.total, 1, 'Bans in force.', 65_536),
    widestV4: whole(D.caps.widestV4, 8, 'The widest IPv4 prefix, as its length.', 32),
    widestV6: whole(D.caps.widestV6, 16, 'The widest IPv6 prefix.', 64),
  })
  .prefault({})
  .describe('Brakes. Whoever hears of operational trouble is paged when one holds.')

const WIDEN = z
  .strictObject({
    sources: whole(D.widening.sources, 0, 'So many banned sources of one network ban the network; 0 is off.'),
    v4Bits: whole(D.widening.v4Bits, 16, 'Which network, IPv4.', 31),
    v6Bits: whole(D.widening.v6Bits, 32, 'Which network, IPv6.', 63),
    most: whole(D.widening.most, 1, 'Networks banned at the same time, at most.', 1_000),
  })
  .prefault({})
  .describe('From sources to their network.')

export const BANS: z.ZodType<BansConfig> = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .default('/etc/picket/ban.key')
      .describe(
        'The private key that signs a fleet’s bans (`picket keys make`); without the file nobody can be banned. `picket run` needs none.',
      ),
    proofs: z
      .array(z.enum(PROOFS))
      .default([...D.proofs])
      .describe(
        'What proves that a source is who it says: `syn-contacts` are SYNs to several places, `connection` is an established one; `none-needed` bans also on what anybody can forge.',
      ),
    leastPackets: whole(D.leastPackets, 1, 'Fewer packets than this prove nothing.'),
    factor: z
      .number()
      .min(1)
      .max(100)
      .default(D.lengths.factor)
      .describe('Each ban before makes the next so many times as long.'),
    longest: seconds(D.lengths.capSeconds, 'No ban is longer.'),
    memory: seconds(D.lengths.memorySeconds, 'A ban is forgotten so long after its end.'),
    jitterPercent: whole(D.lengths.jitterPercent, 0, 'Up to so much longer, by the source.', 100),
    widen: WIDEN,
    caps: CAPS,
    answerSeconds: whole(2, 0, 'So long a notice of a ban waits for what hosts say to it.', 60),
    confirmSeconds: whole(30, 5, 'A host that has not confirmed a ban by then is paged about.', 3_600),
  })
  .prefault({ longest: undefined, memory: undefined })
  .describe('What a ban has to meet. Bans are a dry run until `picket bans enable`.')

export const ALLOW: z.ZodType<AllowConfigList> = allowList(
  'Never banned, by a fleet or by `picket run`; also what `rules.allow` names, and what `picket allow add` adds.',
)

export function banPolicy(bans: BansConfig): BanPolicy {
  const { proofs, leastPackets, factor, longest, memory, jitterPercent, widen, caps } = bans
  return {
    ...{ proofs, leastPackets, caps },
    lengths: { factor, capSeconds: longest, memorySeconds: memory, jitterPercent },
    widening: widen,
  }
}

export function allowEntries(allow: AllowConfigList, rulesAllow: readonly string[] = []): AllowEntry[] {
  const entries: AllowConfigList = [
    ...allow,
    ...rulesAllow.map((network) => ({ network, comment: 'rules.allow' })),
  ]
  return entries.flatMap((entry) => {
    const {
      network,
      until,
      comment = '',
    }: AllowConfigEntry = typeof entry === 'string' ? { network: entry } : entry
    const canonical = canonicalNetwork(network)
    if (canonical === undefined) return []
    const end = until === undefined ? null : Date.parse(until)
    return [{ network: canonical, until: end, comment, from: 'configuration' as const }]
  })
}
