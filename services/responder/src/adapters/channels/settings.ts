/**
 * Settings of channels, one type each. Secrets are never values, only paths of files, which are read at every use.
 */

export interface HttpSettings {
  /** Networks that may be reached though they are not public; without them loopback, private and link-local are refused. */
  readonly allow: readonly string[]
  /** Plain http. */
  readonly insecure: boolean
  /** File of the authorities to trust (PEM), in place of Node's. */
  readonly ca?: string | undefined
  readonly timeoutSeconds: number
}

export interface MailSettings {
  readonly type: 'mail'
  readonly from: string
  readonly to: readonly string[]
  /** The server; without it the local sendmail. */
  readonly host?: string | undefined
  readonly port: number
  /** `starttls` fails when the server does not offer it; `tls` from the first byte. */
  readonly security: 'starttls' | 'tls'
  /** TLS is used where it is offered, and nobody's certificate is looked at. */
  readonly insecure: boolean
  readonly ca?: string | undefined
  readonly username?: string | undefined
  readonly passwordFile?: string | undefined
  readonly sendmail: string
  readonly subjectPrefix: string
  readonly timeoutSeconds: number
}

export interface WebhookSettings extends HttpSettings {
  readonly type: 'webhook'
  readonly url: string
  /** Key of the signature: `whsec_` and base64. */
  readonly secretFile?: string | undefined
  /** Sent as a bearer token. */
  readonly tokenFile?: string | undefined
}

export interface SlackSettings extends HttpSettings {
  readonly type: 'slack'
  /** The address of an incoming webhook is a secret. */
  readonly urlFile: string
}

export interface PagerdutySettings extends HttpSettings {
  readonly type: 'pagerduty'
  readonly url: string
  readonly routingKeyFile: string
}

export interface AlertmanagerSettings extends HttpSettings {
  readonly type: 'alertmanager'
  /** Base address, e.g. https://alertmanager.example:9093. */
  readonly url: string
  readonly tokenFile?: string | undefined
  readonly resendSeconds: number
}

export interface SyslogSettings {
  readonly type: 'syslog'
  /** The executable, and arguments that stand before ours. */
  readonly command: readonly string[]
}

export interface ScriptSettings {
  readonly type: 'script'
  /** The executable by its whole path, and its arguments; SRCIP in them is the source. */
  readonly command: readonly string[]
  /** For the first notice of an incident only. */
  readonly once: boolean
  readonly timeoutSeconds: number
}

export interface LineFileSettings {
  readonly type: 'ecs' | 'ocsf'
  /** A file that is appended to; `-` is standard output. */
  readonly path: string
}

export interface StdoutSettings {
  readonly type: 'stdout'
  readonly format: 'text' | 'json'
}

export interface DshieldSettings extends Omit<MailSettings, 'type' | 'subjectPrefix'> {
  readonly type: 'dshield'
  readonly userId: string
}

export type ChannelSettings =
  | MailSettings
  | WebhookSettings
  | SlackSettings
  | PagerdutySettings
  | AlertmanagerSettings
  | SyslogSettings
  | ScriptSettings
  | LineFileSettings
  | StdoutSettings
  | DshieldSettings
