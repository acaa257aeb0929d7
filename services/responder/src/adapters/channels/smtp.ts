/**
 * One mail to an SMTP server or to the local sendmail, by nodemailer.
 *
 * The connection is made here and given to nodemailer, so that it can be cut at any moment: nodemailer itself has no overall limit, and
 * a server that hangs after DATA would hold a mail for ever. A mail whose answer was lost is sent again under its Message-ID.
 * It is loaded with the first mail: most guards send none.
 */
import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { hostname } from 'node:os'
import type { SendMailOptions } from 'nodemailer'
import { readNamed, readSecret } from './secret-file.ts'
import type { MailSettings } from './settings.ts'

export type Server = Pick<
  MailSettings,
  'host' | 'port' | 'security' | 'insecure' | 'ca' | 'username' | 'passwordFile' | 'sendmail'
>

export interface Accepted {
  /** The last line that the server said. */
  readonly response: string
  /** Addresses that it would not take, with its words. */
  readonly rejected: readonly Rejection[]
}

export interface Rejection {
  readonly address: string
  /** SMTP status, 0 when it gave none. */
  readonly status: number
  readonly why: string
}

/** Rejects when no recipient was taken. */
export async function sendMail(
  server: Server,
  mail: SendMailOptions,
  signal: AbortSignal,
): Promise<Accepted> {
  const guarded = { ...mail, disableFileAccess: true, disableUrlAccess: true }
  return server.host === undefined
    ? await bySendmail(server, guarded)
    : await bySmtp(server.host, server, guarded, signal)
}

async function bySmtp(
  host: string,
  server: Server,
  mail: SendMailOptions,
  signal: AbortSignal,
): Promise<Accepted> {
  const [ca, password] = await Promise.all([
    server.ca === undefined ? undefined : readNamed(server.ca),
    server.passwordFile === undefined ? undefined : readSecret(server.passwordFile),
  ])
  const connection = await connected(host, server.port, signal)
  const cut = (): void => void connection.destroy(new Error('the attempt was cut off'))
  signal.addEventListener('abort', cut, { once: true })
  try {
    signal.throwIfAborted()
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      connection,
      host,
      port: server.port,
      name: hostname(),
      secure: server.security === 'tls',
      requireTLS: server.security === 'starttls' && !server.insecure,
      opportunisticTLS: server.insecure,
      tls: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: !server.insecure,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === undefined ? {} : { ca }),
      },
      ...(server.username === undefined ? {} : { auth: { user: server.username, pass: password ?? '' } }),
    })
    const { response, rejectedErrors = [] } = await abortable(transport.sendMail(mail), signal)
    return { response, rejected: rejectedErrors.map(rejectionOf) }
  } finally {
    signal.removeEventListener('abort', cut)
    connection.destroy()
  }
}

async function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  // A late error of a socket that nobody waits for must not end the process
  socket.on('error', () => {})
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** nodemailer may not notice that its socket was cut, so the wait ends with the signal as well. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let cut: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    cut = () => reject(signal.reason)
    signal.addEventListener('abort', cut, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (cut !== undefined) signal.removeEventListener('abort', cut)
    work.catch(() => {})
  }
}

interface RecipientError extends Error {
  readonly recipient?: string | undefined
  readonly responseCode?: number | undefined
}

function rejectionOf(error: RecipientError): Rejection {
  return { address: error.recipient ?? '', status: error.responseCode ?? 0, why: error.message }
}

async function bySendmail({ sendmail }: Server, mail: SendMailOptions): Promise<Accepted> {
  const { createTransport } = await import('nodemailer')
  const { response } = await createTransport({ sendmail: true, path: sendmail, newline: 'unix' }).sendMail(
    mail,
  )
  return { response: `${sendmail}: ${response}`, rejected: [] }
}
