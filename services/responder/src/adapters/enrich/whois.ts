/**
 * Whois (RFC 3912): a line to TCP port 43, and whatever comes back until the other side closes.
 *
 * One referral is followed, as IANA's answer names the registry that knows. Its host comes out of an answer, so it must be public.
 */
import { connect } from 'node:net'
import { bytesOf } from '@picket/runtime'
import type { EnrichSettings } from '../../tell/index.ts'
import { type Found, referralOf, whoisFacts } from '../../tell/index.ts'
import { type FindAddresses, guardedLookup, refuseLiteral } from '../channels/guarded-lookup.ts'

const MAX_BYTES = 65_536

type WhoisSettings = EnrichSettings['whois']
type Question = Pick<WhoisSettings, 'port' | 'allow'> & {
  readonly query: string
  readonly find: FindAddresses
}

/** The admin may name any server; a referral may not lead inside. */
const ANYWHERE = ['0.0.0.0/0', '::/0']

export async function askWhois(
  address: string,
  { server, port, allow }: WhoisSettings,
  find: FindAddresses,
  signal: AbortSignal,
): Promise<Found> {
  const question = { query: address, port, allow, find }
  const first = await whoisAnswer(server, { ...question, allow: ANYWHERE }, signal)
  const referral = referralOf(first)
  if (referral === undefined || referral === server) return whoisFacts(first)
  refuseLiteral(referral, allow)
  return whoisFacts(await whoisAnswer(referral, question, signal))
}

function whoisAnswer(host: string, asked: Question, signal: AbortSignal): Promise<string> {
  const { port, query, allow, find } = asked
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: guardedLookup(allow, find) })
    const chunks: Uint8Array[] = []
    let size = 0
    const cut = (): void => void socket.destroy(new Error('cut off'))
    signal.addEventListener('abort', cut, { once: true })
    if (signal.aborted) cut()
    socket.on('data', (chunk) => {
      chunks.push(bytesOf(chunk))
      size += chunk.length
      if (size >= MAX_BYTES) socket.destroy()
    })
    socket.on('error', (error) => {
      // A server that resets after its answer has answered
      if (size === 0 || signal.aborted) reject(new Error(`whois ${host}: ${error.message}`, { cause: error }))
    })
    socket.once('close', () => {
      signal.removeEventListener('abort', cut)
      resolve(decoded(Buffer.concat(chunks)))
    })
    socket.write(`${query}\r\n`)
  })
}

/** Old registries still write Latin-1; what is no UTF-8 is read so. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(bytes))
  } catch {
    return bytes.toString('latin1')
  }
}
