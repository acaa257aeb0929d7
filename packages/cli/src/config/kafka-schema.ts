/**
 * Section `kafka`: the brokers of a fleet, how one gets in, and its topics.
 *
 * A password stands in a file of its own, never in the configuration. Plain text that leaves this machine has to be asked for: who
 * can write to the topics can invent scans, and have addresses banned.
 */
import {
  DEFAULT_TOPICS,
  type KafkaSaslSettings,
  type KafkaSettings,
  type KafkaTlsSettings,
  TOPICS,
  type TopicName,
  type TopicSettings,
} from '@picket/runtime'
import { z } from 'zod'
import { WrongUse } from '../failures.ts'
import { flag, whole } from './values.ts'

export interface KafkaConfig extends TopicSettings {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: KafkaTlsSettings | undefined
  readonly sasl?:
    | (Omit<KafkaSaslSettings, 'passwordFile'> & { readonly passwordFile?: string | undefined })
    | undefined
  readonly insecure: boolean
  readonly requestTimeoutSeconds: number
  readonly sessionTimeoutSeconds: number
}

/** Names a file that holds the password, where the configuration names none. */
const PASSWORD_FILE_VARIABLE = 'PICKET_KAFKA_PASSWORD_FILE'

export function kafkaSettings(config: KafkaConfig, env: NodeJS.ProcessEnv): KafkaSettings {
  return {
    brokers: config.brokers,
    clientId: config.clientId,
    tls: config.tls,
    sasl:
      config.sasl === undefined
        ? undefined
        : { ...config.sasl, passwordFile: passwordFile(config.sasl, env) },
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
    sessionTimeoutMs: config.sessionTimeoutSeconds * 1000,
  }
}

function passwordFile(
  { passwordFile: named }: { readonly passwordFile?: string | undefined },
  env: NodeJS.ProcessEnv,
): string {
  const file = named ?? env[PASSWORD_FILE_VARIABLE]
  if (file !== undefined && file !== '') return file
  throw new WrongUse(`kafka.sasl needs a password: set kafka.sasl.passwordFile or ${PASSWORD_FILE_VARIABLE}`)
}

const pem = (what: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().describe(`${what} (PEM file), read again for every connection.`)

const TLS = z
  .strictObject({
    ca: pem('The authorities to trust; without it those of Node'),
    cert: pem('Our certificate, where the brokers want one'),
    key: pem('Its key'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    message: 'must name both cert and key, or neither',
  })
  .optional()
  .describe('TLS, also as `tls: {}`; without it plain text.')

const SASL = z
  .strictObject({
    mechanism: z
      .enum(['scram-sha-256', 'scram-sha-512'])
      .default('scram-sha-512')
      .describe('How the password is proven; it never travels itself.'),
    username: z.string().min(1).describe('The user.'),
    passwordFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        `File that holds the password, read again for every login; without it what \`${PASSWORD_FILE_VARIABLE}\` names.`,
      ),
  })
  .optional()
  .describe('Login by SASL SCRAM.')

const width = (name: TopicName, meaning: string): z.ZodDefault<z.ZodNumber> =>
  whole(TOPICS[name].partitions, 1, meaning, 1000)

const PARTITIONS = z
  .strictObject({
    packets: width('packets', 'What collectors saw; as many detectors can share the work.'),
    contacts: width('contacts', 'First contacts, for what many sources do together.'),
    alerts: width('alerts', 'Incidents as they now stand.'),
    bans: width('bans', 'What is to be blocked.'),
    receipts: width('receipts', 'What hosts did and that they live.'),
    'dead-letters': width('dead-letters', 'What could not be read.'),
  })
  .prefault({})
  .describe('Partitions of each topic: fixed for its life.')

const SECTION = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s:/@[\]]+:\d{1,5}$/, 'must be HOST:PORT'))
    .min(1)
    .default(['127.0.0.1:9092'])
    .describe('Some of the brokers, `HOST:PORT` each; the others are learned from them.'),
  clientId: z
    .string()
    .min(1)
    .max(200)
    .default('picket')
    .describe('Our name in the brokers’ logs and quotas.'),
  prefix: z
    .string()
    .max(100)
    .regex(
      /^[A-Za-z0-9][\w.-]*$/,
      'must begin with a letter or digit and consist of letters, digits and _ . -',
    )
    .default(DEFAULT_TOPICS.prefix)
    .describe('Topics are called `<prefix>.packets` and so on, groups `<prefix>-detector` and so on.'),
  tls: TLS,
  sasl: SASL,
  insecure: flag(false, 'Plain text to brokers on other machines: without this a fault.'),
  replication: whole(
    DEFAULT_TOPICS.replication,
    1,
    'Copies of each topic; 3 where there are three brokers.',
    9,
  ),
  partitions: PARTITIONS,
  requestTimeoutSeconds: whole(30, 1, 'A request without an answer for so long has failed.', 600),
  sessionTimeoutSeconds: whole(
    30,
    6,
    'A detector or responder that is silent for so long loses its partitions to the others.',
    1800,
  ),
})

export const KAFKA: z.ZodType<KafkaConfig> = SECTION.superRefine(checkPlainText)
  .prefault({})
  .describe('The brokers of a fleet. `picket topics apply` makes the topics.')

function checkPlainText({ brokers, tls, insecure }: KafkaConfig, context: z.RefinementCtx): void {
  if (tls !== undefined || insecure) return
  for (const [at, broker] of brokers.entries()) {
    const host = /^(.+):\d+$/.exec(broker)?.[1] ?? ''
    if (host === '' || isLoopback(host)) continue
    const message = 'would be reached in plain text: set kafka.tls, or allow it with insecure: true'
    context.addIssue({ code: 'custom', path: ['brokers', at], message })
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
}
