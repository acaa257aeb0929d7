/**
 * Section `decisions`: which alerts are told, by which channels, and which sources are banned.
 *
 * Profile `rules` is Picket's own: rules in their order, the first that fits decides. Profile `psad` has psad's switches under psad's names.
 */
import {
  DEFAULT_RULES,
  type DecisionPolicy,
  type DecisionRule,
  EXTERNAL_SCRIPT,
  PSAD_SWITCHES,
  type PsadSwitches,
  psadDecisions,
  psadRemarks,
} from '@picket/responder'
import { KINDS, parsePrefix } from '@picket/schemas'
import { z } from 'zod'
import { type BansConfig, banPolicy } from './bans-schema.ts'
import type { ChannelConfig } from './channels-schema.ts'
import { anySeconds, flag, texts, whole, yesNo } from './values.ts'

export type DecisionsConfig =
  | { readonly profile: 'rules'; readonly rules: readonly RuleConfig[] }
  | ({ readonly profile: 'psad' } & PsadSwitches)

export interface RuleConfig {
  readonly name: string
  readonly when: DecisionRule['when']
  readonly tell: readonly string[]
  readonly page: boolean
  readonly ban?: number | undefined
  readonly banHosts: readonly string[]
}

const network = z
  .string()
  .refine((text) => parsePrefix(text) !== undefined, 'must be an address or a network such as 192.0.2.0/24')

const expression = z.string().max(200).refine(isExpression, 'must be a regular expression')

const WHEN = z
  .strictObject({
    level: z.number().int().min(0).max(5).optional().describe('This danger level or a higher one.'),
    kinds: z.array(z.enum(KINDS)).min(1).optional().describe('One of these kinds, e.g. `[vertical_scan]`.'),
    hosts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Names of reporters, or networks that hold an attacked address.'),
    prefix: expression.optional().describe('A regular expression that the log prefix fits.'),
    score: z.number().int().min(0).max(100).optional().describe('Confidence: this score or a higher one.'),
    networks: z.array(network).min(1).optional().describe('Networks, one of which holds the source.'),
    exceptNetworks: z.array(network).min(1).optional().describe('Networks, none of which holds the source.'),
  })
  .prefault({})
  .describe('What must hold; what is left out always does.')

const RULE = z.strictObject({
  name: z.string().min(1).max(40).describe('What reasons call it.'),
  when: WHEN,
  tell: texts('Channels that are told; `*` is every one.'),
  page: flag(false, 'Whoever hears of operational trouble is told as well, as of something urgent.'),
  ban: anySeconds().optional().describe('So long a first ban lasts, e.g. `1h`; without it nobody is banned.'),
  banHosts: texts('Reporters on which to ban; without any on every host.'),
})

type Channels = Readonly<Record<string, ChannelConfig>>

const D = PSAD_SWITCHES
const SCRIPT_SECONDS = 30

const timeout = (level: number): z.ZodOptional<z.ZodNumber> =>
  z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      `Seconds at level ${level}; without it AUTO_BLOCK_TIMEOUT${level === 5 ? ', at level 5 0' : ''}.`,
    )

const PSAD = z.strictObject({
  profile: z.literal('psad').describe('psad’s switches, as psad documents them.'),
  EMAIL_ALERT_DANGER_LEVEL: whole(D.EMAIL_ALERT_DANGER_LEVEL, 1, 'The lowest level that is told.', 5),
  EMAIL_LIMIT: whole(
    D.EMAIL_LIMIT,
    0,
    'Told so often of one source at most, counting what was told; 0 is no limit.',
  ),
  ENABLE_EMAIL_LIMIT_PER_DST: yesNo(D.ENABLE_EMAIL_LIMIT_PER_DST, 'Count for each source and destination.'),
  EMAIL_THROTTLE: whole(D.EMAIL_THROTTLE, 0, 'Of so many alerts of a source one is told; 0 is all.'),
  ALERT_ALL: yesNo(D.ALERT_ALL, 'Every alert is told; N: only a rise of the level.'),
  ENABLE_AUTO_IDS: yesNo(D.ENABLE_AUTO_IDS, 'Ban by itself.'),
  AUTO_IDS_DANGER_LEVEL: whole(D.AUTO_IDS_DANGER_LEVEL, 1, 'The lowest level that is banned.', 5),
  AUTO_BLOCK_TIMEOUT: whole(
    D.AUTO_BLOCK_TIMEOUT,
    0,
    'Seconds of a ban; 0 is the longest one allowed (`bans.longest`).',
  ),
  AUTO_BLOCK_DL1_TIMEOUT: timeout(1),
  AUTO_BLOCK_DL2_TIMEOUT: timeout(2),
  AUTO_BLOCK_DL3_TIMEOUT: timeout(3),
  AUTO_BLOCK_DL4_TIMEOUT: timeout(4),
  AUTO_BLOCK_DL5_TIMEOUT: timeout(5),
  ENABLE_AUTO_IDS_REGEX: yesNo(
    D.ENABLE_AUTO_IDS_REGEX,
    'Ban only where the log prefix fits AUTO_BLOCK_REGEX.',
  ),
  AUTO_BLOCK_REGEX: expression
    .default(D.AUTO_BLOCK_REGEX)
    .describe('A regular expression for the log prefix.'),
  ENABLE_EXT_SCRIPT_EXEC: yesNo(
    D.ENABLE_EXT_SCRIPT_EXEC,
    'Run EXTERNAL_SCRIPT, also below EMAIL_ALERT_DANGER_LEVEL.',
  ),
  EXTERNAL_SCRIPT: z
    .string()
    .max(1_000)
    .regex(
      /^\/[^\s'"`$|&;<>\\\p{C}]+( +[^\s'"`$|&;<>\\\p{C}]+)*$/u,
      'must be a whole path and plain words: no shell reads it',
    )
    .default(D.EXTERNAL_SCRIPT)
    .describe('The program and its arguments; SRCIP in them is the source. A channel of this name runs it.'),
  EXEC_EXT_SCRIPT_PER_ALERT: yesNo(D.EXEC_EXT_SCRIPT_PER_ALERT, 'For each alert; N: once an incident.'),
})

const RULES_PROFILE = z.strictObject({
  profile: z.literal('rules').default('rules').describe('Rules of your own; the default.'),
  rules: z
    .array(RULE)
    .prefault(DEFAULT_RULES.map(ruleInput))
    .describe('Read in their order; the first that fits decides.'),
})

export const DECISIONS: z.ZodType<DecisionsConfig> = z
  .union([RULES_PROFILE, PSAD])
  .prefault({})
  .describe('Whom an alert is told, and whom it bans. Try other rules with `picket decide --what-if FILE`.')

export function decisionPolicy(decisions: DecisionsConfig, bans: BansConfig): DecisionPolicy {
  const policy = banPolicy(bans)
  if (decisions.profile === 'psad') return psadDecisions(decisions, policy)
  const rules = decisions.rules.map(({ ban = 0, ...rule }) => ({ ...rule, banSeconds: ban }))
  return {
    rules,
    mail: { everyAlert: false, perSource: 0, perDestination: false, throttle: 0 },
    banPrefix: undefined,
    onlyLevels: false,
    bans: policy,
  }
}

/** psad's external script is a channel like any other; one of the same name that is written out goes before. */
export function withExternalScript<
  C extends { readonly decisions: DecisionsConfig; readonly channels: Channels },
>(config: C): C {
  const { decisions, channels } = config
  if (decisions.profile !== 'psad' || !decisions.ENABLE_EXT_SCRIPT_EXEC) return config
  const script: ChannelConfig = {
    ...{ type: 'script', command: decisions.EXTERNAL_SCRIPT.split(/ +/), timeoutSeconds: SCRIPT_SECONDS },
    ...{ once: !decisions.EXEC_EXT_SCRIPT_PER_ALERT, operational: false },
  }
  return { ...config, channels: { [EXTERNAL_SCRIPT]: script, ...channels } }
}

/** What is worth saying at the start. */
export function decisionRemarks(decisions: DecisionsConfig, bans: BansConfig): string[] {
  return decisions.profile === 'psad' ? psadRemarks(decisions, banPolicy(bans)) : []
}

/** A rule that tells a channel which is not there would tell nobody, and that in silence. */
export function checkChannels(
  config: { readonly decisions: DecisionsConfig; readonly channels: Readonly<Record<string, unknown>> },
  context: z.RefinementCtx,
): void {
  const { decisions, channels } = config
  // where there are none at all, as in a file of rules to try, nobody is told anyway
  if (decisions.profile !== 'rules' || Object.keys(channels).length === 0) return
  for (const [at, { tell }] of decisions.rules.entries()) {
    for (const [index, name] of tell.entries()) {
      if (name === '*' || Object.hasOwn(channels, name)) continue
      const path = ['decisions', 'rules', at, 'tell', index]
      context.addIssue({ code: 'custom', path, message: `names no channel of the section channels` })
    }
  }
}

/** As it would be written. */
function ruleInput({ name, when, tell, page }: DecisionRule): z.input<typeof RULE> {
  const { level } = when
  return { name, when: level === undefined ? {} : { level }, tell: [...tell], page }
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}
