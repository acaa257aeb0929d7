/** What the parser's tests share: a parser with stated circumstances, and lines as text. */
import { readFileSync } from 'node:fs'
import { newPacket, type Packet, printAddress } from '@picket/schemas'
import {
  DEFAULT_VERDICTS,
  describePacket,
  LineParser,
  type Outcome,
  type PacketJson,
  type ParseOptions,
} from '../../src/index.ts'

/** In the evening of the day on which the recorded lines were written. */
export const REFERENCE: number = Date.UTC(2026, 10, 23, 20)

export function newParser(options: Partial<ParseOptions> = {}): LineParser {
  return new LineParser({
    reference: REFERENCE,
    zone: () => 0,
    bootTime: Number.NaN,
    verdicts: DEFAULT_VERDICTS,
    ...options,
  })
}

export class Reader {
  readonly packet: Packet = newPacket()
  private readonly parser: LineParser

  constructor(options: Partial<ParseOptions> = {}) {
    this.parser = newParser(options)
  }

  /** The line lies in the middle of other bytes, as it does in a chunk: what stands around must not matter. */
  outcome(line: string | Uint8Array): Outcome {
    const own = typeof line === 'string' ? bytesOf(line, 'utf8') : line
    const bytes = new Uint8Array(BEFORE.length + own.length + BEHIND.length)
    bytes.set(BEFORE)
    bytes.set(own, BEFORE.length)
    bytes.set(BEHIND, BEFORE.length + own.length)
    return this.parser.parse(bytes, BEFORE.length, BEFORE.length + own.length, this.packet)
  }

  read(line: string | Uint8Array): PacketJson {
    const outcome = this.outcome(line)
    if (outcome !== 'packet') throw new Error(`${outcome}: ${line.toString().slice(0, 300)}`)
    return describePacket(this.packet)
  }

  refer(reference: number): void {
    this.parser.refer(reference)
  }

  get addresses(): string {
    return `${printAddress(this.packet.src)} ${printAddress(this.packet.dst)}`
  }
}

export function bytesOf(text: string, encoding: 'latin1' | 'utf8'): Uint8Array {
  return Uint8Array.from(Buffer.from(text, encoding))
}

const BEFORE = bytesOf('SRC=6.6.6.6 ', 'utf8')
/** Long enough for the scanner of usual lines, which reads on a little before it sees that a line has ended. */
const BEHIND = bytesOf(' DST=6.6.6.6 PROTO=TCP '.repeat(8), 'utf8')

/** A file of test/parse/lines, as lines of Latin-1 text (so that every byte is one letter). */
export function linesOf(name: string): string[] {
  const url = new URL(`../../../test/parse/lines/${name}`, import.meta.url)
  return readFileSync(url, 'latin1')
    .split('\n')
    .filter((line) => line !== '')
}

/** The kernel's part of a line, for tests of what stands around it. */
export const BODY =
  'IN=eth0 OUT= MAC=ca:55:ef:21:3c:e3:92:94:a4:2c:b8:dd:08:00 SRC=198.51.100.9 DST=10.77.0.17 LEN=44 TOS=0x00 PREC=0x00 TTL=48 ID=41470 PROTO=TCP SPT=58665 DPT=25 WINDOW=1024 RES=0x00 SYN URGP=0 '
