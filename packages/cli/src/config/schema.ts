/**
 * The configuration: every key, its type, its default and its meaning.
 *
 * All that Picket says about its configuration comes from here: the check, `config show`, the JSON
 * Schema and docs/configuration.md. A key that is not here is refused.
 */
import type { EnrichSettings } from '@picket/responder'
import type { Verdict } from '@picket/schemas'
import { z } from 'zod'
import type { RunSettings } from '../run/settings.ts'
import { isZone } from '../zone.ts'
import type { AllowConfigList } from './allow-schema.ts'
import { ALLOW, BANS, type BansConfig } from './bans-schema.ts'
import { CHANNELS, type ChannelConfig } from './channels-schema.ts'
import { COLLECTOR, type CollectorConfig } from './collector-schema.ts'
import { checkChannels, DECISIONS, type DecisionsConfig } from './decisions-schema.ts'
import { DETECTOR_SECTION, type DetectorConfig } from './detector-schema.ts'
import { ENFORCER, type EnforcerConfig } from './enforcer-schema.ts'
import { ENRICHMENT } from './enrichment-schema.ts'
import { KAFKA, type KafkaConfig } from './kafka-schema.ts'
import { MAIL_BUDGET, type MailBudgetConfig } from './mail-budget-schema.ts'
import { POLICY, type PolicyConfig } from './policy-schema.ts'
import { REDIS, type RedisConfig } from './redis-schema.ts'
import { REMOTE, type RemoteAskConfig } from './remote-schema.ts'
import { RESPONDER, type ResponderConfig } from './responder-schema.ts'
import { RULES, type RulesConfig } from './rules-schema.ts'
import { SOURCES, type SourceConfig } from './sources-schema.ts'
import { flag, port, whole } from './values.ts'

export interface Config extends Pick<RunSettings, 'alerts' | 'state' | 'control' | 'memory' | 'log'> {
  readonly sources: readonly SourceConfig[]
  readonly timeZone?: string | undefined
  readonly verdicts: Readonly<Record<string, Verdict>>
  readonly policy: PolicyConfig
  readonly rules: RulesConfig
  readonly collector: CollectorConfig
  readonly detector: DetectorConfig
  readonly enforcer: EnforcerConfig
  readonly kafka: KafkaConfig
  readonly redis: RedisConfig
  readonly decisions: DecisionsConfig
  readonly bans: BansConfig
  readonly allow: AllowConfigList
  readonly channels: Readonly<Record<string, ChannelConfig>>
  readonly mailBudget: MailBudgetConfig
  readonly enrichment: EnrichSettings
  readonly console?: string | undefined
  readonly responder: ResponderConfig
  readonly remote: RemoteAskConfig
  readonly metrics: { readonly enabled: boolean; readonly host: string; readonly port: number }
}

const ALERTS = z
  .strictObject({
    stdout: flag(true, 'Print alerts on standard output.'),
    format: z
      .enum(['text', 'json'])
      .default('text')
      .describe('A line for people, or one JSON object a line.'),
    syslog: flag(false, 'Also hand alerts to the local syslog or journal, by `logger`.'),
    remote: z
      .strictObject({
        host: z.string().describe('Name or address of the syslog server.'),
        port: port(514, 'Its UDP port.'),
      })
      .optional()
      .describe('Also send alerts to a syslog server (UDP, RFC 5424).'),
  })
  .prefault({})
  .describe('Where alerts go.')

const METRICS = z
  .strictObject({
    enabled: flag(true, 'Serve /metrics (Prometheus) and /healthz.'),
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address to listen on. There is no login: keep it on loopback.'),
    port: port(9477, 'TCP port to listen on.'),
  })
  .prefault({})
  .describe('The metrics server.')

const LOG = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least that is worth a line.'),
    format: z
      .enum(['auto', 'text', 'json'])
      .default('auto')
      .describe('`auto` is text on a terminal and JSON elsewhere.'),
  })
  .prefault({})
  .describe('Picket’s own log, on standard error.')

const MEMORY = z
  .strictObject({
    sources: whole(
      100_000,
      1000,
      'Sources remembered at most; beyond that the least telling are forgotten, and counted.',
    ),
  })
  .prefault({})
  .describe('Bounds of memory.')

const SECTIONS = z.strictObject({
  sources: SOURCES,
  timeZone: z
    .string()
    .refine(isZone, 'must be a time zone such as UTC, Europe/Berlin or +02:00')
    .optional()
    .describe('Time zone of stamps that name none, e.g. `Europe/Berlin`; without it the machine’s.'),
  verdicts: z
    .record(z.string(), z.enum(['drop', 'reject', 'accept', 'audit', 'unknown']))
    .default({})
    .describe(
      'What a word of the log prefix says, e.g. `GESPERRT: drop`; added to DROP, REJECT, BLOCK, ACCEPT, AUDIT and the like.',
    ),
  policy: POLICY,
  rules: RULES,
  detector: DETECTOR_SECTION,
  alerts: ALERTS,
  state: z
    .string()
    .default('/var/lib/picket')
    .describe('Folder of the state: what is known of sources, and how far the logs were read.'),
  control: z
    .string()
    .optional()
    .describe('Path of the control socket; without it `control.sock` in the state folder.'),
  memory: MEMORY,
  collector: COLLECTOR,
  enforcer: ENFORCER,
  redis: REDIS,
  decisions: DECISIONS,
  bans: BANS,
  allow: ALLOW,
  channels: CHANNELS,
  mailBudget: MAIL_BUDGET,
  enrichment: ENRICHMENT,
  console: z.url().optional().describe('Address of the console, for links in what is told.'),
  metrics: METRICS,
  kafka: KAFKA,
  responder: RESPONDER,
  remote: REMOTE,
  log: LOG,
})

export const CONFIG: z.ZodType<Config> = SECTIONS.superRefine(checkChannels)
