/**
 * A host of a fleet under test: its log, its `picket collector`, and what stands on the topic for it.
 *
 * Every line is another packet, so that nothing is folded and every field of every packet can be compared.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_VERDICTS } from '@picket/collector'
import { LineReader } from '@picket/collector/main'
import { bufferOf, bytesOf, type Queue } from '@picket/runtime'
import { newPacket, type Packet, printAddress, type Span } from '@picket/schemas'
import { BatchReader, MESSAGES, type PacketBatch } from '@picket/schemas/messages'
import { logLine } from './generate/log-line.ts'
import { Random } from './generate/random.ts'
import { PICKET_MAIN } from './places.ts'
import { nmapTcp } from './scenarios/packets.ts'

export const PARTITIONS = 12

/** Packet as text, and how often. */
export type Packets = Map<string, number>

export interface Running {
  readonly child: ChildProcess
  /** The signal or the exit status. */
  readonly ended: Promise<string>
  log(): string
}

export class CollectorHost {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-host-'))
  readonly log: string = join(this.folder, 'kern.log')
  readonly #random = new Random(7)
  #child: ChildProcess | undefined
  #lines = 0
  #rotations = 0

  /** `collector`: lines of that section beside ours. */
  constructor(brokers: string, prefix: string, collector: object = {}) {
    writeFileSync(this.log, '')
    const settings = {
      sources: [{ type: 'file', path: this.log, name: 'kern', from: 'start' }],
      timeZone: 'UTC',
      state: join(this.folder, 'state'),
      metrics: { enabled: false },
      kafka: { brokers: [brokers], prefix },
      collector: { reporter: 'host1', batch: { records: 200, ageMs: 50 }, ...collector },
    }
    writeFileSync(this.#config, JSON.stringify(settings))
  }

  get #config(): string {
    return join(this.folder, 'picket.yaml')
  }

  /** Every fifth packet is told by two rules. */
  write(packets: number): void {
    let text = ''
    for (let n = 0; n < packets; n++) {
      const at = this.#lines++
      const src = `198.51.${(at >> 8) & 63}.${at & 255}`
      const probe = { ...nmapTcp(this.#random, 1024 + (at % 60_000), at % 65_536), id: (at % 65_535) + 1 }
      const line = { time: Date.now(), src, dst: '10.1.1.1', ...probe }
      text += `${logLine({ ...line, prefix: '[UFW BLOCK] ' })}\n`
      if (at % 5 === 0) text += `${logLine({ ...line, prefix: '[UFW AUDIT] ' })}\n`
    }
    appendFileSync(this.log, text)
  }

  rotate(): void {
    for (let n = this.#rotations; n > 0; n--) renameSync(`${this.log}.${n}`, `${this.log}.${n + 1}`)
    renameSync(this.log, `${this.log}.1`)
    writeFileSync(this.log, '')
    this.#rotations++
  }

  start(failpoint = ''): Running {
    const child = spawn(process.execPath, [PICKET_MAIN, 'collector', '--config', this.#config], {
      env: {
        ...process.env,
        TZ: 'UTC',
        PICKET_FAILPOINT: failpoint,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
    const ended = new Promise<string>((resolve) => {
      child.once('close', (code, signal) => resolve(signal ?? String(code)))
    })
    return { child, ended, log: () => log }
  }

  get #text(): string {
    const rotated = Array.from({ length: this.#rotations }, (_, n) => `${this.log}.${this.#rotations - n}`)
    return [...rotated, this.log].map((path) => readFileSync(path, 'latin1')).join('')
  }

  packetsInLog(): Packets {
    return packetsIn(this.#text)
  }

  end(): void {
    this.#child?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What a log says, read in one go. */
export function packetsIn(text: string, packets: Packets = new Map()): Packets {
  const reader = new LineReader({ zone: () => 0, verdicts: DEFAULT_VERDICTS })
  const counts = { lines: 0, packets: 0, repeats: 0, unparsed: {} }
  const head = { source: 'kern', arrival: Date.now(), input: 1, offset: 0, position: {}, bootTime: null }
  reader.read(head, bytesOf(Buffer.from(text, 'latin1')), counts, (packet) => add(packets, packet))
  return packets
}

/** What the topic says, repeats removed by number; a missing number is an error, unless somebody wants to hear of it. */
export async function packetsOnTopic(
  queue: Queue,
  topic: string,
  onGap?: (missing: number) => void,
): Promise<Packets> {
  const packets: Packets = new Map()
  const packet = newPacket()
  const partitions = await queue.partitions(topic)
  for (let partition = 0; partition < partitions; partition++) {
    for await (const batch of batchesOnce(queue, topic, partition, onGap)) {
      const read = new BatchReader().read(batch, packet, 0, (one) => add(packets, one))
      if (!read.ok) throw new Error(read.detail)
    }
  }
  return packets
}

async function* batchesOnce(
  queue: Queue,
  topic: string,
  partition: number,
  onGap: (missing: number, where: string) => void = refuseGap,
): AsyncIterable<PacketBatch> {
  const marks = new Map<string, number>()
  const { start, end } = await queue.extent(topic, partition)
  for await (const { value } of queue.read(topic, partition, start, end)) {
    const decoded = MESSAGES.packetBatch.decode(value ?? new Uint8Array(0))
    if (!decoded.ok) throw new Error(decoded.detail)
    const { agent, number } = decoded.value
    const mark = marks.get(agent) ?? 0
    if (number > mark + 1) onGap(number - mark - 1, `partition ${partition}, batch ${number}`)
    if (number <= mark) continue
    marks.set(agent, number)
    yield decoded.value
  }
}

function refuseGap(missing: number, where: string): void {
  throw new Error(`${where}: ${missing} batches before it never came`)
}

export function total(packets: Packets): number {
  return [...packets.values()].reduce((sum, count) => sum + count, 0)
}

/** Differences in words; empty when they are the same. */
export function differences(expected: Packets, found: Packets): string[] {
  const keys = new Set([...expected.keys(), ...found.keys()])
  return [...keys].flatMap((key) => {
    const [is, should] = [found.get(key) ?? 0, expected.get(key) ?? 0]
    return is === should ? [] : [`${is} instead of ${should}: ${key}`]
  })
}

function add(packets: Packets, packet: Packet): void {
  const key = textOf(packet)
  packets.set(key, (packets.get(key) ?? 0) + packet.count)
}

function textOf(packet: Packet): string {
  const {
    src,
    dst,
    line,
    body: _,
    input: __,
    offset: ___,
    mac,
    tcpOptions,
    ipOptions,
    inner,
    ...rest
  } = packet
  const spans = [mac, tcpOptions, ipOptions, inner].map((span) => spanText(line, span))
  return JSON.stringify([printAddress(src), printAddress(dst), spans, { ...rest, count: 1 }])
}

function spanText(line: Uint8Array, { start, end }: Span): string {
  return start < 0 ? '-' : bufferOf(line).toString('latin1', start, end)
}
