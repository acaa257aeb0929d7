/** An HTTP server of loopback that keeps what it was sent, and answers as a test says. */
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Request {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Respond = (response: ServerResponse, request: Request) => void

export class HttpServer {
  readonly requests: Request[] = []
  respond: Respond = (response) => void response.writeHead(202).end('taken')
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    message.setEncoding('utf8')
    for await (const text of message) body += text
    const request = { path: message.url ?? '', headers: message.headers, body }
    this.requests.push(request)
    response.on('error', () => {
      // The other side hung up
    })
    this.respond(response, request)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** Answers with so much as the other side cares to read, and tells how much that was. */
export function endlessBody(status: number, sent: { bytes: number; closed: boolean }): Respond {
  const chunk = 'x'.repeat(65_536)
  return (response) => {
    response.writeHead(status)
    response.on('close', () => {
      sent.closed = true
    })
    const pour = (): void => {
      while (!response.destroyed) {
        sent.bytes += chunk.length
        if (!response.write(chunk)) return void response.once('drain', pour)
      }
    }
    pour()
  }
}
