/**
 * One POST: guarded address, no redirects, an end in time, and no more of the answer than a person would read.
 *
 * node:http rather than fetch, since fetch can neither be told which address to use nor be kept from resolving the name again.
 */
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { bytesOf } from '@picket/runtime'
import { retryAfterMs, type SendFailure, type Sent } from '../../tell/index.ts'
import { Deadline } from './deadline.ts'
import { type FindAddresses, ForbiddenAddress, guardedLookup, refuseLiteral } from './guarded-lookup.ts'
import { Misconfigured, readNamed } from './secret-file.ts'
import type { HttpSettings } from './settings.ts'

const MAX_ANSWER_BYTES = 4_096
/** How long the rest of an answer is waited for, once its status is known. */
const ANSWER_MS = 1_000

export interface Posted {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | undefined
}

export interface Asked extends Omit<Posted, 'body'> {
  readonly method: 'GET' | 'POST'
  readonly body?: string
  readonly maxBytes?: number
  /** In place of the system's look-up. */
  readonly find?: FindAddresses
}

export async function post(posted: Posted, settings: HttpSettings, signal?: AbortSignal): Promise<Sent> {
  const deadline = new Deadline(settings.timeoutSeconds, signal)
  try {
    return outcomeOf(await ask({ ...posted, method: 'POST' }, settings, deadline.signal))
  } catch (error) {
    return failureOf(error as Error, deadline.passed)
  } finally {
    deadline.end()
  }
}

/** Rejects when there is no answer. */
export async function ask(asked: Asked, settings: HttpSettings, signal: AbortSignal): Promise<HttpAnswer> {
  const url = new URL(asked.url)
  if (url.protocol === 'http:' && !settings.insecure) {
    throw new Misconfigured(`${url.origin} is plain text: use https, or allow it with insecure: true`)
  }
  refuseLiteral(url.hostname, settings.allow)
  const ca = settings.ca === undefined ? {} : { ca: await readNamed(settings.ca) }
  const body = asked.body ?? ''
  const options = {
    method: asked.method,
    headers: { 'user-agent': 'Picket', 'content-length': Buffer.byteLength(body), ...asked.headers },
    agent: false as const,
    lookup: guardedLookup(settings.allow, asked.find),
    signal,
  }
  const request =
    url.protocol === 'http:' ? plainRequest(url, options) : tlsRequest(url, { ...options, ...ca })
  return answerOf(request, body, asked.maxBytes ?? MAX_ANSWER_BYTES)
}

function answerOf(request: ClientRequest, body: string, maxBytes: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.once('response', (response) => {
      // What comes after the status cannot change the outcome any more, not even an error
      const done = (text: string): void => {
        resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] })
        request.destroy()
      }
      collect(response, maxBytes, done)
    })
    request.end(body)
  })
}

function collect(response: IncomingMessage, maxBytes: number, done: (text: string) => void): void {
  const chunks: Uint8Array[] = []
  let size = 0
  const finish = (): void => {
    clearTimeout(late)
    response.removeListener('data', onData)
    done(Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'))
  }
  const onData = (chunk: Buffer): void => {
    chunks.push(bytesOf(chunk))
    size += chunk.length
    if (size >= maxBytes) finish()
  }
  const late = setTimeout(finish, ANSWER_MS)
  response.on('data', onData)
  response.once('end', finish)
  response.on('error', finish)
}

const BUSY = new Set([408, 425, 429])

function outcomeOf({ status, text, retryAfter }: HttpAnswer): Sent {
  const said = `HTTP ${status} ${text.trim().slice(0, 300)}`.trim()
  if (status >= 200 && status < 300) return { ok: true, answer: said }
  if (status >= 300 && status < 400) return refused(`${said}: redirects are not followed`)
  if (!BUSY.has(status) && status < 500) return refused(said)
  const afterMs = retryAfterMs(retryAfter, Date.now())
  return {
    ok: false,
    reason: 'busy',
    retryable: true,
    why: said,
    ...(afterMs === undefined ? {} : { afterMs }),
  }
}

function refused(why: string): SendFailure {
  return { ok: false, reason: 'refused', retryable: false, why }
}

export function failureOf(error: Error, timedOutSeconds: number | undefined): SendFailure {
  if (error instanceof Misconfigured) return error.asFailure()
  if (error instanceof ForbiddenAddress) {
    return { ok: false, reason: 'forbidden-address', retryable: false, why: error.message }
  }
  if (timedOutSeconds !== undefined) {
    return { ok: false, reason: 'timed-out', retryable: true, why: `no answer within ${timedOutSeconds} s` }
  }
  return {
    ok: false,
    reason: isTrustFault(error) ? 'untrusted' : 'unreachable',
    retryable: true,
    why: error.message,
  }
}

/** Codes of OpenSSL's verification, and of a peer that speaks no TLS at all. */
export function isTrustFault(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return /CERT|SIGNATURE|SELF_SIGNED|ISSUER|^ERR_SSL|^ERR_TLS|^EPROTO$|^ETLS$/.test(code)
}
