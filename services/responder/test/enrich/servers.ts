/** Small servers of ours that speak the real protocols on loopback: whois on TCP, DNS on UDP, RDAP by HTTP; and a writer of MMDB files. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** One port on several addresses of loopback, as a referral names a host but no port. */
export class WhoisServers {
  readonly queries: string[] = []
  /** By address. */
  readonly answers: Record<string, string | 'hang' | 'pour'> = {}
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  port = 0

  async start(...hosts: readonly string[]): Promise<this> {
    for (const host of hosts) {
      const server = createServer((socket) => this.#serve(socket, host)).listen(this.port, host)
      await once(server, 'listening')
      this.port = (server.address() as AddressInfo).port
      this.#servers.push(server)
    }
    return this
  }

  #serve(socket: Socket, host: string): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.setEncoding('utf8').once('data', (line) => {
      this.queries.push(`${host} ${String(line)}`)
      const answer = this.answers[host] ?? ''
      if (answer === 'hang') return
      if (answer === 'pour') return void pour(socket)
      socket.end(answer)
    })
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

function pour(socket: Socket): void {
  const line = 'remarks: x\r\n'.repeat(1_000)
  const more = (): void => {
    while (!socket.destroyed) if (!socket.write(line)) return void socket.once('drain', more)
  }
  more()
}

/** Answers PTR questions with one name; undefined does not answer, '' says that there is none. */
export class DnsServer {
  readonly questions: string[] = []
  name: string | undefined = ''
  readonly #socket: UdpSocket = createSocket('udp4')

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async start(): Promise<this> {
    this.#socket.on('message', (message, { port, address }) => {
      const question = questionIn(message)
      this.questions.push(question.name)
      if (this.name === undefined) return
      this.#socket.send(answerTo(message, question.end, this.name), port, address)
    })
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
    return this
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve))
  }
}

const HEADER = 12
const PTR = 12

/** RFC 1035 4.1.2: labels with their lengths, a zero, type and class. */
function questionIn(message: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = HEADER
  while (message[at] !== 0) {
    const length = message[at] as number
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.'), end: at + 5 }
}

function answerTo(message: Buffer, end: number, name: string): Uint8Array {
  const head = Buffer.from([...message.subarray(0, end)])
  // Answer, recursion available; no error or NXDOMAIN
  head.writeUInt16BE(name === '' ? 0x8183 : 0x8180, 2)
  head.writeUInt16BE(name === '' ? 0 : 1, 6)
  head.writeUInt32BE(0, 8)
  if (name === '') return Uint8Array.from(head)
  const labels = name.split('.').flatMap((label) => [Buffer.byteLength(label), ...Buffer.from(label)])
  const data = [...labels, 0]
  // The name is the one of the question (a pointer to it), class IN, a minute to live
  const record = [0xc0, HEADER, 0, PTR, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255, ...data]
  return Uint8Array.from([...head, ...record])
}

type MmdbValue = string | number | { readonly [key: string]: MmdbValue }

/** A database (MaxMind DB 2.0) in which every IPv4 address has the same record. */
export function mmdbFile(record: Readonly<Record<string, MmdbValue>>): Uint8Array {
  const nodes = 1
  const data = encoded(record)
  // Both branches of the only node lead to the record: nodes + the 16 of the separator + its place in the data
  const pointer = [0, 0, nodes + 16]
  const metadata = encoded({
    node_count: nodes,
    record_size: 24,
    ip_version: 4,
    database_type: 'test',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 0,
  })
  const marker = [0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')]
  return Uint8Array.from([
    ...pointer,
    ...pointer,
    ...new Array<number>(16).fill(0),
    ...data,
    ...marker,
    ...metadata,
  ])
}

/** Text (type 2, up to 284 bytes), 32-bit number (6), map (7, up to 28 entries). */
function encoded(value: MmdbValue): number[] {
  if (typeof value === 'string') {
    const bytes = [...Buffer.from(value)]
    return bytes.length < 29 ? [0x40 | bytes.length, ...bytes] : [0x40 | 29, bytes.length - 29, ...bytes]
  }
  if (typeof value === 'number') {
    return [0xc4, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  }
  const entries = Object.entries(value)
  return [0xe0 | entries.length, ...entries.flatMap(([key, inner]) => [...encoded(key), ...encoded(inner)])]
}
