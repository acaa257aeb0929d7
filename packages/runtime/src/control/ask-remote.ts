/**
 * Asking a responder on another machine: over TLS whose certificate is verified, always. There is no way to ask in plain text, and no
 * switch that trusts whoever answers: what is sent first is a token that may ban.
 */
import { isIP } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { ask, ControlError, type ControlRequest } from './protocol.ts'

export interface RemotePlace {
  readonly host: string
  readonly port: number
  /** The authorities to trust, PEM; undefined are those of Node. */
  readonly ca: string | undefined
  readonly token: string
}

export function askRemoteControl(
  place: RemotePlace,
  request: ControlRequest,
  timeoutMs = 20_000,
): Promise<unknown> {
  const { host, port, ca, token } = place
  const options: ConnectionOptions = {
    ...{ host, port, minVersion: 'TLSv1.3' },
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED does not count.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  }
  const why = (error: NodeJS.ErrnoException): ControlError => faultOf(`${host}:${port}`, error)
  return ask(connect(options), 'secureConnect', { ...request, token }, timeoutMs, why)
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
])

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
])

function faultOf(at: string, error: NodeJS.ErrnoException): ControlError {
  const { code = '', message } = error
  const untrusted = (text: string): ControlError => new ControlError('untrusted', `${at}: ${text}`, error)
  if (UNREACHABLE.has(code))
    return new ControlError('absent', `nobody can be reached at ${at} (${code})`, error)
  if (UNTRUSTED.has(code))
    return untrusted('its certificate is not signed by an authority that is trusted here')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return untrusted('its certificate is for another name')
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return untrusted('its certificate is not valid today')
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return new ControlError('broken', `${at} does not speak TLS 1.3: that is no responder’s port`, error)
  if (code === 'ECONNRESET')
    return new ControlError('broken', `${at} hung up: too many calls, or no responder’s port`, error)
  return new ControlError('broken', `${at}: ${message}`, error)
}
