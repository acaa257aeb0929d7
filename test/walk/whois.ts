/** A whois server on loopback that knows two networks, and answers as a registry does (RFC 3912). */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

/** By the first octets of the address asked for. */
const NETWORKS = {
  '203.0.113.': ['203.0.113.0 - 203.0.113.255', 'EXAMPLE-NET', 'Example Hosting', 'abuse@example.org'],
  '198.51.100.': ['198.51.100.0 - 198.51.100.255', 'HOME-NET', 'Our Provider', 'abuse@example.net'],
} as const

function answerTo(question: string): string {
  const found = Object.entries(NETWORKS).find(([octets]) => question.startsWith(octets))
  if (found === undefined) return '%ERROR:101: no entries found\r\n'
  const [range, name, organisation, abuse] = found[1]
  return [
    `% Abuse contact for '${range}' is '${abuse}'`,
    '',
    `inetnum:        ${range}`,
    `netname:        ${name}`,
    'country:        NL',
    `org-name:       ${organisation}`,
    `abuse-mailbox:  ${abuse}`,
    '',
  ].join('\r\n')
}

export class Whois {
  readonly #server: Server

  private constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.setEncoding('utf8').once('data', (line: string) => {
        socket.end(answerTo(line))
      })
    })
  }

  static async start(): Promise<Whois> {
    const whois = new Whois()
    whois.#server.listen(0, '127.0.0.1')
    await once(whois.#server, 'listening')
    return whois
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  stop(): void {
    this.#server.close()
  }
}
