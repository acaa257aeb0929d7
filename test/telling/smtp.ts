/**
 * A real SMTP server on loopback that keeps the mails it took, parsed as a mail program would; a test scripts what it refuses.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  readonly parsed: ParsedMail
  readonly raw: string
}

/** An SMTP answer as an error, which is how the server takes it. */
export class Reply extends Error {
  readonly responseCode: number

  constructor(responseCode: number, text: string) {
    super(text)
    this.responseCode = responseCode
  }
}

export interface Script {
  /** Asked for each recipient; an answer refuses it. */
  recipient?: (address: string) => Reply | undefined
  /** Asked when the whole mail was received; `hang` never answers. */
  data?: (mail: TakenMail) => Reply | 'hang' | undefined
}

export class Smtp {
  readonly mails: TakenMail[] = []
  /** Whole mails that it was sent, whatever it then said. */
  received = 0
  script: Script = {}
  readonly #server: SMTPServer
  #port = 0

  constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
      disableReverseLookup: true,
      logger: false,
      ...options,
      onRcptTo: ({ address }, _, answer) => answer(this.script.recipient?.(address)),
      onData: (stream, session, answer) => {
        const chunks: Uint8Array[] = []
        stream.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope
          const from = mailFrom === false ? '' : mailFrom.address
          void this.#take(
            from,
            rcptTo.map(({ address }) => address),
            Buffer.concat(chunks),
            answer,
          )
        })
      },
    })
    this.#server.on('error', () => {
      // A client that breaks off in the middle of a handshake; the test sees it from the other side
    })
  }

  get port(): number {
    return this.#port
  }

  async start(): Promise<this> {
    const server = this.#server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    return this
  }

  async #take(
    from: string,
    to: readonly string[],
    raw: Buffer,
    answer: (error?: Error | null, message?: string) => void,
  ): Promise<void> {
    this.received++
    const mail = { from, to, parsed: await simpleParser(raw), raw: raw.toString('utf8') }
    const reply = this.script.data?.(mail)
    if (reply === 'hang') return
    if (reply !== undefined) return answer(reply)
    this.mails.push(mail)
    answer(null, `2.0.0 Ok: queued as ${this.mails.length}`)
  }

  async stop(): Promise<void> {
    for (const connection of this.#server.connections) connection.close()
    await new Promise<void>((resolve) => this.#server.close(resolve))
  }
}

export function startSmtp(options: SMTPServerOptions = {}): Promise<Smtp> {
  return new Smtp(options).start()
}
