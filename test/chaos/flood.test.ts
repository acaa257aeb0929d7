/**
 * F32: one host logs a flood, and what another host sees is told all the same.
 *
 * The flood goes on until the other host's alert is there, so that only its coming is asserted, never a time; the time is printed.
 * Both sources are of one partition, which is the worst place for the other host.
 */
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Message } from '@picket/runtime'
import { parseAddress, partitionOf } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { appendScan } from '../fleet/scan-lines.ts'
import { logLine } from '../generate/log-line.ts'
import { waitUntil } from '../services/wait-until.ts'
import { all } from './oracle.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL } from './turmoil.ts'

const FLOODER = '203.0.113.9'
const LINES_A_PIECE = ALL ? 10_000 : 2_000
const PIECE_MS = 50
/** The scans come when so many pieces of the flood are read. */
const PIECES_BEFORE = 5
const SCANS = ALL ? 20 : 3
const shared = shareBroker()

interface Host {
  readonly log: string
  readonly collector: FleetProcess
}

test(`F32 while one host logs a flood, ${SCANS} scans of another host are told, and the flood is counted`, async (t) => {
  const fleet = await RealFleet.start(shared())
  const flood = new Flood(await hostOf(fleet, 'flooded'))
  try {
    const quiet = await hostOf(fleet, 'quiet')
    const detector = await fleet.process('detector')
    for (const one of [flood.host.collector, quiet.collector, detector]) one.start()
    for (const one of [flood.host.collector, quiet.collector, detector]) await one.ready()
    flood.begin()
    await waitUntil(
      async () => (await flood.read()) >= PIECES_BEFORE * LINES_A_PIECE,
      'the flood to be under way',
    )
    const took: number[] = []
    for (const source of neighboursOf(FLOODER, fleet.partitions)) took.push(await scan(fleet, quiet, source))
    const during = await flood.read()
    flood.end()
    t.diagnostic(`from the last line of a scan to its alert, ms: ${took.sort((a, b) => a - b).join(' ')}`)
    t.diagnostic(`${flood.written} lines of flood were written meanwhile, ${during} of them read`)
    const { packets, records } = await counted(fleet, flood)
    assert.equal(packets, flood.written)
    assert.ok(records < packets / 10, `${records} records`)
  } catch (error) {
    const logs = [flood.host.collector].map((one) => one.log().slice(-2_000)).join('\n')
    throw new Error(`${(error as Error).message}\n  the flooded collector said:\n${logs}`, { cause: error })
  } finally {
    flood.end()
    await fleet.stop()
  }
})

/** One packet in many copies, none of which is one that was logged twice. */
class Flood {
  readonly host: Host
  written = 0
  #timer: NodeJS.Timeout | undefined

  constructor(host: Host) {
    this.host = host
  }

  begin(): void {
    this.#timer = setInterval(() => this.#write(), PIECE_MS)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  read(): Promise<number> {
    return this.host.collector.metric('picket_collector_lines_total')
  }

  #write(): void {
    const probe = { proto: 'TCP', spt: 1_024, dpt: 80, flags: 'SYN', src: FLOODER, dst: '10.0.0.1' } as const
    let text = ''
    for (let n = 0; n < LINES_A_PIECE; n++) {
      const at = this.written++
      const numbers = { id: 1 + (at % 65_535), seq: at, ack: 0, time: Date.now() }
      text += `${logLine({ ...probe, ...numbers, host: 'flooded' })}\n`
    }
    appendFileSync(this.host.log, text)
  }
}

async function hostOf(fleet: RealFleet, name: string): Promise<Host> {
  const log = join(fleet.folder, `${name}.log`)
  writeFileSync(log, '')
  const collector = await fleet.process('collector', {
    sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }],
    timeZone: 'UTC',
    collector: { reporter: name },
  })
  return { log, collector }
}

/** Sources of the same partition. */
function neighboursOf(source: string, partitions: number): string[] {
  const partitionOfText = (text: string): number => partitionOf(parseAddress(text) as never, partitions)
  const others = Array.from({ length: 250 }, (_, n) => `198.51.100.${n + 1}`)
  return others.filter((other) => partitionOfText(other) === partitionOfText(source)).slice(0, SCANS)
}

/** From its last line to the broker taking its first alert, in milliseconds of one clock: this process is too busy to see it come. */
async function scan(fleet: RealFleet, { log }: Host, source: string): Promise<number> {
  appendScan(
    log,
    Array.from({ length: 12 }, (_, n) => ({ src: source, dst: '10.0.0.2', dpt: 1_000 + n, host: 'quiet' })),
  )
  const written = Date.now()
  let alerted: number | undefined
  await waitUntil(async () => {
    alerted = (await firstAlerts(fleet)).get(source)
    return alerted !== undefined
  }, `the alert of ${source}`)
  return (alerted ?? 0) - written
}

/** The broker's time of each source's first. */
async function firstAlerts(fleet: RealFleet): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (let partition = 0; partition < fleet.partitions; partition++) {
    for (const message of await all(fleet.queue, fleet.topic('alerts'), partition)) {
      const source = sourceOf(message)
      if (!times.has(source)) times.set(source, message.time)
    }
  }
  return times
}

function sourceOf({ value }: Message): string {
  const alert = MESSAGES.alert.decode(value ?? new Uint8Array())
  return alert.ok ? (alert.value.incident.source ?? '') : ''
}

/** What of the flood is on the topic, once it is all there. */
async function counted(fleet: RealFleet, flood: Flood): Promise<{ packets: number; records: number }> {
  const partition = partitionOf(parseAddress(FLOODER) as never, fleet.partitions)
  let [packets, records] = [0, 0]
  const isThere = async (): Promise<boolean> => {
    packets = 0
    records = 0
    for (const { value } of await all(fleet.queue, fleet.topic('packets'), partition)) {
      const batch = MESSAGES.packetBatch.decode(value ?? new Uint8Array())
      if (!batch.ok || batch.value.reporter !== 'flooded') continue
      records += batch.value.packets.length
      packets += batch.value.packets.reduce((sum, { count }) => sum + count, 0)
    }
    return packets >= flood.written
  }
  await waitUntil(isThere, () => `${flood.written} packets of the flood, not ${packets}`, 300_000)
  return { packets, records }
}
