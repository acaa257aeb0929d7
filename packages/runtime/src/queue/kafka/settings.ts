/**
 * What a process must know to reach Kafka. Secrets stand in files, which are read anew for every connection: they can be rotated
 * while the process runs.
 */
export interface KafkaSettings {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Undefined is plain text. */
  readonly tls: KafkaTlsSettings | undefined
  readonly sasl: KafkaSaslSettings | undefined
  /** How long an answer may take, before the connection is given up. */
  readonly requestTimeoutMs?: number
  /** A member of a group that is silent for so long loses its partitions. */
  readonly sessionTimeoutMs?: number
}

export interface KafkaTlsSettings {
  /** PEM files. Without `ca` those of the system hold. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface KafkaSaslSettings {
  readonly mechanism: 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly passwordFile: string
}

/** Where this folder's doings are told; pino's Logger is one. */
export interface QueueLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const SILENT: QueueLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
