/**
 * From what kafkajs throws to the closed list of QueueError.
 *
 * Its errors wrap each other; the innermost that says something decides.
 */
import { QueueError, type QueueFault } from '../queue.ts'

interface Thrown {
  readonly name?: string
  readonly type?: string
  readonly code?: string | number
  readonly message?: string
  readonly retriable?: boolean
  readonly broker?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

const TYPES: Readonly<Record<string, QueueFault>> = {
  TOPIC_AUTHORIZATION_FAILED: 'denied',
  GROUP_AUTHORIZATION_FAILED: 'denied',
  CLUSTER_AUTHORIZATION_FAILED: 'denied',
  SASL_AUTHENTICATION_FAILED: 'denied',
  UNSUPPORTED_SASL_MECHANISM: 'denied',
  UNKNOWN_TOPIC_OR_PARTITION: 'no-topic',
  INVALID_TOPIC_EXCEPTION: 'no-topic',
  OFFSET_OUT_OF_RANGE: 'out-of-range',
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
}

/** Names of kafkajs' errors that mean: nobody, or nobody who knows, was reached. */
const UNREACHED = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSNoBrokerAvailableError',
])

/**
 * All that kafkajs says, without type and name, of a broker whose connection stands and whose greeting was never answered. It takes
 * such a one for connected for ever.
 */
const UNGREETED = 'Broker not connected'

/** OpenSSL and Node name what they found wrong in a certificate. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|HOSTNAME_MISMATCH|TLSV1_ALERT|SSL_ALERT/

export function toQueueError(thrown: unknown, doing: string): QueueError {
  if (thrown instanceof QueueError) return thrown
  const chain = chainOf(thrown)
  const fault = chain.map(faultOf).find((found) => found !== undefined) ?? 'broken'
  const inner = chain[chain.length - 1]
  return new QueueError(
    fault,
    `${doing}: ${explained(fault, chain, inner?.message ?? String(thrown))}`,
    thrown,
  )
}

/**
 * We were not let in at all. For a process that runs this may pass: a certificate or password is being replaced, and one side is
 * ahead of the other.
 */
export function isLoginFault(thrown: unknown): boolean {
  return chainOf(thrown).some(isAboutLogin)
}

function isAboutLogin({ name, type, code, message }: Thrown): boolean {
  return (
    name === 'KafkaJSSASLAuthenticationError' ||
    type === 'SASL_AUTHENTICATION_FAILED' ||
    UNTRUSTED.test(`${code} ${message}`)
  )
}

/** The protocol's own name for the error, where it has one. */
export function typeOf(thrown: unknown): string | undefined {
  return chainOf(thrown).find(({ type }) => type !== undefined)?.type
}

/** `host:port` of the broker that did not answer, if that is what happened. */
export function silentBroker(thrown: unknown): string | undefined {
  return chainOf(thrown).find(({ name }) => name === 'KafkaJSRequestTimeoutError')?.broker
}

/** Only other connections help: these are up and can never be used. */
export function isUngreeted(thrown: unknown): boolean {
  return chainOf(thrown).some(({ message }) => message === UNGREETED)
}

/** `host` and `port` of a connection that was closed under a request. */
export function closedBroker(thrown: unknown): { readonly host: string; readonly port: number } | undefined {
  const broker = chainOf(thrown).find(({ name }) => name === 'KafkaJSConnectionClosedError')?.broker
  const [host, port] = broker?.split(':') ?? []
  return host === undefined ? undefined : { host, port: Number(port) }
}

function chainOf(thrown: unknown): Thrown[] {
  const chain: Thrown[] = []
  let at = thrown as Thrown | undefined
  while (typeof at === 'object' && at !== null && chain.length < 10 && !chain.includes(at)) {
    chain.push(at)
    at = (at.errors?.[0] ?? at.cause) as Thrown | undefined
  }
  return chain
}

function faultOf(thrown: Thrown): QueueFault | undefined {
  const { name = '', type, retriable, message } = thrown
  const told = type === undefined ? undefined : TYPES[type]
  if (told !== undefined) return told
  if (isAboutLogin(thrown)) return 'denied'
  if (UNREACHED.has(name) || message === UNGREETED) return 'unreachable'
  return type !== undefined && retriable === true ? 'unreachable' : undefined
}

function explained(fault: QueueFault, chain: readonly Thrown[], message: string): string {
  if (fault !== 'denied') return message
  const isAboutTrust = chain.some(({ code, message: text }) => UNTRUSTED.test(`${code} ${text}`))
  return isAboutTrust
    ? `the broker's certificate is not accepted, or ours is not: ${message} (see kafka.tls)`
    : message
}
