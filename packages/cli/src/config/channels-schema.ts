/**
 * Section `channels`: by what people and programs are told, each under a name of the admin's.
 *
 * Secrets stand in files, never here. What leaves this machine in plain text, and what goes to an address that is not public, has to
 * be asked for.
 */
import { CHANNEL_TYPES, mayReach } from '@picket/responder'
import type { ChannelSettings } from '@picket/responder/main'
import { parsePrefix } from '@picket/schemas'
import { z } from 'zod'
import { allowed, caFile, insecure, operational, secretFile, timeoutSeconds } from './channel-values.ts'
import { flag, port, whole } from './values.ts'

export type ChannelConfig = ChannelSettings & { readonly operational: boolean }

const ADDRESS = String.raw`[^\s<>@,;"\p{C}]+@[^\s<>@,;"\p{C}]+`

const mailbox = z
  .string()
  .max(320)
  .regex(
    new RegExp(String.raw`^(?:${ADDRESS}|[^<>@,;"\p{C}]+ <${ADDRESS}>)$`, 'u'),
    'must be an address of mail, or Name <address>',
  )

const SERVER = {
  host: z.string().min(1).optional().describe('The SMTP server; without it the local sendmail.'),
  port: port(587, 'Its port: 587 is submission with STARTTLS, 465 with TLS, 25 a relay.'),
  security: z
    .enum(['starttls', 'tls'])
    .default('starttls')
    .describe(
      '`starttls` begins in plain text and fails if the server offers no TLS; `tls` from the first byte.',
    ),
  insecure: insecure('TLS only where it is offered, whoever answers. For a relay on this machine.'),
  ca: caFile,
  username: z.string().min(1).optional().describe('To log in with; needs `passwordFile`.'),
  passwordFile: secretFile('File of the password.').optional(),
  sendmail: z.string().min(1).default('/usr/sbin/sendmail').describe('The local sendmail.'),
  timeoutSeconds: timeoutSeconds(60),
}

const MAIL = z
  .strictObject({
    type: z
      .literal('mail')
      .describe('Mail to people: one an incident, gathered when many come (`mailBudget`).'),
    from: mailbox.describe('The sender; its domain is that of the Message-IDs.'),
    to: z.array(mailbox).min(1).max(50).describe('Who gets it.'),
    subjectPrefix: z
      .string()
      .max(40)
      .regex(/^[^\p{C}]*$/u, 'must be plain text')
      .default('[picket]')
      .describe('Begins every subject.'),
    ...SERVER,
    operational: operational(true),
  })
  .superRefine(checkLogin)

const DSHIELD = z
  .strictObject({
    type: z.literal('dshield').describe('Packets of attackers to DShield, as psad reports them, by mail.'),
    userId: z
      .string()
      .regex(/^\d{1,10}$/, 'must be a number')
      .default('0')
      .describe('Your number there; 0 is nobody.'),
    from: mailbox.describe('The sender.'),
    to: z.array(mailbox).min(1).max(5).default(['reports@dshield.org']).describe('DShield’s robot.'),
    ...SERVER,
    operational: operational(false),
  })
  .superRefine(checkLogin)

const url = z.string().refine(isHttpUrl, 'must be a URL of https:// or http://, without user and password')

const HTTP = {
  allow: allowed('Networks that may be reached though they are not public, e.g. `[127.0.0.1, 10.0.0.0/8]`.'),
  insecure: insecure('Plain http: without this a fault.'),
  ca: caFile,
  timeoutSeconds: timeoutSeconds(10),
}

const tokenFile = secretFile('File of a token, sent as `Authorization: Bearer`.').optional()

const WEBHOOK = z
  .strictObject({
    type: z
      .literal('webhook')
      .describe('Any program: CloudEvents 1.0 in JSON, signed as Standard Webhooks are.'),
    url: url.describe('Where to post.'),
    secretFile: secretFile(
      'File of the key of the signature, `whsec_` and base64 of 24 bytes or more.',
    ).optional(),
    tokenFile,
    ...HTTP,
    operational: operational(true),
  })
  .superRefine(checkUrl)

const SLACK = z.strictObject({
  type: z.literal('slack').describe('Slack, by an incoming webhook.'),
  urlFile: secretFile('File that holds the webhook’s address.'),
  ...HTTP,
  operational: operational(true),
})

const PAGERDUTY = z
  .strictObject({
    type: z.literal('pagerduty').describe('PagerDuty, Events v2: a page opens and closes with its incident.'),
    routingKeyFile: secretFile('File of the integration’s routing key.'),
    url: url.default('https://events.pagerduty.com/v2/enqueue').describe('Where to post.'),
    ...HTTP,
    operational: operational(true),
  })
  .superRefine(checkUrl)

const ALERTMANAGER = z
  .strictObject({
    type: z
      .literal('alertmanager')
      .describe('Prometheus’ Alertmanager, API v2: an alert as long as its incident lasts.'),
    url: url.describe('Its base address, e.g. `https://alertmanager.example:9093`.'),
    tokenFile,
    resendSeconds: whole(
      60,
      10,
      'An alert is sent again so often; it ends by itself after four missed times.',
      600,
    ),
    ...HTTP,
    operational: operational(true),
  })
  .superRefine(checkUrl)

const SYSLOG = z.strictObject({
  type: z.literal('syslog').describe('The local syslog or journal, a line a notice.'),
  command: z
    .array(z.string().min(1))
    .min(1)
    .default(['logger'])
    .describe('The executable, and arguments that stand before ours.'),
  operational: operational(false),
})

const SCRIPT = z.strictObject({
  type: z
    .literal('script')
    .describe('A program of yours, once a notice, which it gets as JSON on standard input.'),
  command: z
    .array(z.string().min(1).max(1_000))
    .min(1)
    .refine(([file = '']) => file.startsWith('/'), 'must begin with a whole path')
    .describe('The executable and its arguments, which no shell reads; SRCIP in them is the source.'),
  once: flag(false, 'For the first notice of an incident only.'),
  timeoutSeconds: z.number().min(1).max(300).default(30).describe('Then it is ended, with what it started.'),
  operational: operational(false),
})

const path = z.string().min(1).describe('The file to append to; `-` is standard output.')

const ECS = z.strictObject({
  type: z.literal('ecs').describe('JSON lines in the Elastic Common Schema.'),
  path,
  operational: operational(false),
})

const OCSF = z.strictObject({
  type: z.literal('ocsf').describe('JSON lines of OCSF: Detection Finding.'),
  path,
  operational: operational(false),
})

const STDOUT = z.strictObject({
  type: z.literal('stdout').describe('Standard output, a line a notice.'),
  format: z.enum(['text', 'json']).default('text').describe('A line for people, or one JSON object a line.'),
  operational: operational(false),
})

const CHANNEL = z.discriminatedUnion('type', [
  MAIL,
  WEBHOOK,
  SLACK,
  PAGERDUTY,
  ALERTMANAGER,
  SYSLOG,
  ECS,
  OCSF,
  DSHIELD,
  SCRIPT,
  STDOUT,
])

const name = z.string().regex(/^[a-z][\w-]{0,31}$/i)

export const CHANNELS: z.ZodType<Readonly<Record<string, ChannelConfig>>> = z
  .record(name, CHANNEL, {
    error: ({ code }) =>
      code === 'invalid_key' ? 'is no name: a letter, then letters, digits, - and _, at most 32' : undefined,
  })
  .default({})
  .describe(
    `By what people and programs are told, each under a name of yours; types: ${CHANNEL_TYPES.join(', ')}. Try one with \`picket notify test NAME\`.`,
  )

interface UrlConfig {
  readonly url: string
  readonly insecure: boolean
  readonly allow: readonly string[]
}

function checkUrl({ url: text, insecure: isInsecure, allow }: UrlConfig, context: z.RefinementCtx): void {
  if (!isHttpUrl(text)) return
  const { protocol, hostname } = new URL(text)
  const fault = (message: string): void => context.addIssue({ code: 'custom', path: ['url'], message })
  if (protocol === 'http:' && !isInsecure)
    fault('would be plain text: use https://, or allow it with insecure: true')
  const host = hostname.replace(/^\[|\]$/g, '')
  if (parsePrefix(host) !== undefined && !mayReach(host, allow)) {
    fault(`is no public address: name its network in allow`)
  }
}

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) return false
  const { username, password, hostname } = new URL(text)
  return username + password === '' && hostname !== ''
}

interface Login {
  readonly host?: string | undefined
  readonly username?: string | undefined
  readonly passwordFile?: string | undefined
  readonly insecure: boolean
}

function checkLogin(
  { host, username, passwordFile, insecure: isInsecure }: Login,
  context: z.RefinementCtx,
): void {
  const fault = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message })
  if (username !== undefined && passwordFile === undefined) fault('username', 'needs a passwordFile')
  if (passwordFile !== undefined && username === undefined) fault('passwordFile', 'needs a username')
  if (username !== undefined && host === undefined) fault('username', 'needs a host to log in to')
  if (username !== undefined && isInsecure && !isLoopback(host ?? '')) {
    fault('insecure', 'would send the password to whoever answers: leave it out, or the username')
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
