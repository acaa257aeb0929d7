/**
 * One run of `bench:collector` in a process of its own: `node collector-process.js picket|plain LOG BROKERS TOPIC LINES`.
 *
 * Prints one JSON line when the broker has acknowledged all packets: CPU seconds of this process, from the start of reading.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_VERDICTS, LineParser, LineSplitter } from '@picket/collector'
import { startCollector } from '@picket/collector/main'
import { Metrics, makeLogger } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { newPacket, printAddress } from '@picket/schemas'
import { BatchWriter, MESSAGES } from '@picket/schemas/messages'
import kafkajs from 'kafkajs'

const [way = '', log = '', brokers = '', topic = '', lines = '0'] = process.argv.slice(2)
const PARTITIONS = 12
const LOOK_MS = 20

interface Meter {
  stop(packets: number): void
}

function meter(): Meter {
  const cpu = process.cpuUsage()
  const wall = performance.now()
  return {
    stop: (packets) => {
      const { user, system } = process.cpuUsage(cpu)
      const rssMb = process.resourceUsage().maxRSS / 1024
      const wallSeconds = (performance.now() - wall) / 1000
      process.stdout.write(
        `${JSON.stringify({ packets, cpuSeconds: (user + system) / 1e6, wallSeconds, rssMb })}\n`,
      )
    },
  }
}

/** As it runs on a host, but that it begins at the start of the file. */
async function picket(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'))
  const queue = new KafkaQueue({ brokers: [brokers], clientId: 'bench', tls: undefined, sasl: undefined })
  const metrics = new Metrics()
  const measured = meter()
  const collector = await startCollector(
    {
      sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }],
      site: '',
      reporter: 'host1',
      topics: {
        packets: topic,
        receipts: `${topic}.receipts`,
        partitions: PARTITIONS,
        receiptPartitions: 1,
      },
      spool: { path: join(folder, 'spool'), maxBytes: 2 ** 30, maxAgeDays: 7 },
      batch: { records: 1000, bytes: 256 * 1024, ageMs: 200 },
      heartbeatSeconds: 10,
      verdicts: DEFAULT_VERDICTS,
      zone: () => 0,
      version: '0',
    },
    { queue, log: makeLogger({ level: 'error', format: 'json' }), metrics },
  )
  while (collector.publishedPackets < Number(lines))
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  measured.stop(collector.publishedPackets)
  await collector.stop()
  await queue.close()
  rmSync(folder, { recursive: true })
}

/** What one would write first: the same parser, a record a packet, keyed by its source, as Avro; nothing on the disk. */
async function plain(): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.ERROR })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const measured = meter()
  const parser = new LineParser({
    reference: Date.now(),
    zone: () => 0,
    bootTime: Number.NaN,
    verdicts: DEFAULT_VERDICTS,
  })
  const packet = newPacket()
  const writer = new BatchWriter()
  const splitter = new LineSplitter()
  const chunk = new Uint8Array(256 * 1024)
  const fd = openSync(log, 'r')
  let packets = 0
  for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
    const messages: { key: string; value: Buffer }[] = []
    splitter.feed(chunk.subarray(0, length), (bytes, start, end) => {
      if (parser.parse(bytes, start, end, packet) !== 'packet') return
      writer.add(packet, undefined)
      const batch = writer.seal({ agent: 'plain', reporter: 'host1', site: '', number: 1, sealed: 0 })
      messages.push({ key: printAddress(packet.src), value: Buffer.from(MESSAGES.packetBatch.encode(batch)) })
    })
    packets += messages.length
    await producer.send({ topic, acks: -1, compression: kafkajs.CompressionTypes.GZIP, messages })
  }
  closeSync(fd)
  measured.stop(packets)
  await producer.disconnect()
}

await (way === 'picket' ? picket() : plain())
