/**
 * What went wrong with a mail, as an outcome: 4xx and the net can be tried again, 5xx cannot (RFC 5321 4.2.1).
 *
 * A refused login is ours to mend, not the mail's fault: it waits.
 */
import type { SendFailure } from '../../tell/index.ts'
import { isTrustFault } from './post.ts'
import { Misconfigured } from './secret-file.ts'

interface MailError extends Error {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
  readonly command?: string
}

/** `timedOutSeconds` when it was our own time limit that ended the attempt. */
export function mailFailure(error: MailError, timedOutSeconds: number | undefined): SendFailure {
  if (error instanceof Misconfigured) return error.asFailure()
  if (timedOutSeconds !== undefined) {
    return { ok: false, reason: 'timed-out', retryable: true, why: `no end within ${timedOutSeconds} s` }
  }
  const why = error.response ?? error.message
  if (isTrustFault(error) || speaksOfTrust(error)) {
    return { ok: false, reason: 'untrusted', retryable: true, why: error.message }
  }
  if (error.code === 'EAUTH') return { ok: false, reason: 'misconfigured', retryable: true, why }
  const status = error.responseCode ?? statusOfSendmail(error.message)
  // A server that will not even greet us has not seen the mail
  return byStatus(error.command === 'CONN' && isPermanent(status) ? 421 : status, why)
}

/** 503 says that the session went wrong, not the mail. */
export function isPermanent(status: number): boolean {
  return status >= 500 && status !== 503
}

function byStatus(status: number, why: string): SendFailure {
  if (status === 0) return { ok: false, reason: 'unreachable', retryable: true, why }
  const permanent = isPermanent(status)
  return { ok: false, reason: permanent ? 'refused' : 'busy', retryable: !permanent, why }
}

/** nodemailer puts its own code in place of OpenSSL's. */
function speaksOfTrust({ code, message }: MailError): boolean {
  return code === 'ESOCKET' && /certificate|altnames|issuer|self.signed|\bSSL\b|\bTLS\b/i.test(message)
}

/** sysexits.h, in the words of SMTP: what the mail itself is to blame for. */
const PERMANENT_EXITS = new Set([64, 65, 67, 68, 69])

function statusOfSendmail(message: string): number {
  const [, exit] = /exited with code (\d+)/.exec(message) ?? []
  if (exit === undefined) return 0
  return PERMANENT_EXITS.has(Number(exit)) ? 550 : 450
}
