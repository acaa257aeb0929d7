/**
 * `npm run bench:collector [-- --lines N]`: from lines in a file to batches that a real broker has acknowledged, spool and all.
 *
 * All packets are distinct (another port each), so folding saves nothing. The plain way, in the same run on the same broker, sends
 * one record a packet and keeps nothing on the disk; it gets a tenth of the lines, as it is slow.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { logLine } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { nmapTcp } from '../scenarios/packets.ts'
import { startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { report } from './measure.ts'

const PROGRAM = fileURLToPath(new URL('./collector-process.js', import.meta.url))
const SOURCES = 10_000
const PLAIN_SHARE = 10

interface Run {
  readonly packets: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly rssMb: number
}

function sample(lines: number): string {
  const folder = join(tmpdir(), 'picket-bench')
  const path = join(folder, `collector-v1-${lines}.log`)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  const random = new Random(1)
  const text: string[] = []
  for (let n = 0; n < lines; n++) {
    const source = n % SOURCES
    const src = `${11 + (source % 80)}.77.${(source >> 8) & 255}.${source & 255}`
    const port = 1 + (Math.floor(n / SOURCES) % 65_535)
    const probe = { ...nmapTcp(random, 33_000 + (source % 20_000), port), id: 1 + (n % 65_535) }
    text.push(logLine({ time: Date.now() - lines + n, src, dst: `10.1.1.${source % 50}`, ...probe }), '\n')
  }
  writeFileSync(`${path}.part`, text.join(''))
  renameSync(`${path}.part`, path)
  return path
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { lines: { type: 'string' } } })
  const lines = Number(values.lines ?? 1_000_000)
  const kafka = await startKafka()
  const admin = await KafkaAdmin.connect(kafka.address)
  try {
    const run = async (way: 'picket' | 'plain', count: number): Promise<Run> => {
      const topic = await admin.makeTopic(`bench-${way}`, 12)
      if (way === 'picket') await admin.makeTopic(`${topic}.receipts`, 1)
      const args = [PROGRAM, way, sample(count), kafka.address, topic, String(count)]
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Run
    }
    const plain = await run('plain', lines / PLAIN_SHARE)
    const picket = await run('picket', lines)
    const perCpu = ({ packets, cpuSeconds }: Run): number => packets / cpuSeconds
    report('collector', {
      lines: picket.packets,
      linesPerCpuSecond: Math.round(perCpu(picket)),
      linesPerSecond: Math.round(picket.packets / picket.wallSeconds),
      peakRssMb: picket.rssMb,
      plainLinesPerCpuSecond: Math.round(perCpu(plain)),
      ratio: perCpu(picket) / perCpu(plain),
      meaning: 'lines per CPU second, spool included, over one record a packet',
    })
  } finally {
    await admin.close()
    await kafka.stop()
  }
}

await main()
