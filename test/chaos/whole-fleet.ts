/**
 * A whole fleet at work: hosts whose logs grow, their collectors, detectors, responders and an enforcer in dry run.
 *
 * Every line is a packet of its own, so that nothing is folded and the packets on the topic can be counted against the logs.
 * Sources come and go, and each scans all hosts for some seconds: whatever is restarted, a scan is under way.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Producer } from '@picket/runtime'
import { newSigningKey, publicKeyText, type SigningKey, signBan } from '@picket/runtime/bans'
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import { type Packets, packetsIn } from '../collector-host.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { type FleetOptions, RealFleet } from '../fleet/real-fleet.ts'
import { logLine } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { nmapTcp } from '../scenarios/packets.ts'
import { all } from './oracle.ts'

const HOSTS = 2
const BURST_MS = 50
const LINES_A_BURST = 5
/** A new source each so many bursts, and so many of them at once. */
const BURSTS_A_SOURCE = 10
const SOURCES_AT_ONCE = 12

interface Host {
  readonly name: string
  readonly log: string
  lines: number
}

export class WholeFleet {
  readonly fleet: RealFleet
  readonly collectors: FleetProcess[] = []
  readonly detectors: FleetProcess[] = []
  readonly responders: FleetProcess[] = []
  readonly enforcers: FleetProcess[] = []
  readonly #hosts: Host[] = []
  readonly #random: Random
  readonly #key: SigningKey = newSigningKey()
  readonly #banned: string[] = []
  #producer: Producer | undefined
  #bursts = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(fleet: RealFleet, seed: number) {
    this.fleet = fleet
    this.#random = new Random(seed)
  }

  static async start(options: FleetOptions, seed: number): Promise<WholeFleet> {
    const whole = new WholeFleet(await RealFleet.start(options), seed)
    await whole.#make()
    for (const one of whole.processes) one.start()
    for (const one of whole.processes) await one.ready()
    return whole
  }

  get processes(): FleetProcess[] {
    return [...this.collectors, ...this.detectors, ...this.responders, ...this.enforcers]
  }

  async #make(): Promise<void> {
    const { fleet } = this
    const admin = await fleet.admin()
    await admin.makeTopic(fleet.topic('bans'), fleet.partitions, { 'cleanup.policy': 'compact' })
    for (let number = 1; number <= HOSTS; number++) this.collectors.push(await this.#addHost(`web${number}`))
    for (let n = 0; n < 2; n++) {
      this.detectors.push(await fleet.process('detector', { detector: { heartbeatSeconds: 1 } }))
      const telling = { responder: { heartbeat: 1 }, alerts: { format: 'json' } }
      this.responders.push(await fleet.process('responder', telling))
    }
    const keys = join(fleet.folder, 'keys')
    mkdirSync(keys)
    const enforcer = {
      ...{ state: join(fleet.folder, 'enforcer-state'), firewall: 'dry-run', heartbeatSeconds: 1 },
      ...{ keys, publicKeys: [publicKeyText(this.#key.publicKey)] },
    }
    this.enforcers.push(await fleet.process('enforcer', { enforcer, collector: { reporter: 'web1' } }))
  }

  async #addHost(name: string): Promise<FleetProcess> {
    const log = join(this.fleet.folder, `${name}.log`)
    writeFileSync(log, '')
    this.#hosts.push({ name, log, lines: 0 })
    return this.fleet.process('collector', {
      sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }],
      timeZone: 'UTC',
      collector: { reporter: name, heartbeatSeconds: 1, batch: { records: 100, ageMs: 50 } },
    })
  }

  /** Lines come until `still` is called. */
  flow(): void {
    this.#timer = setInterval(() => {
      for (const host of this.#hosts) this.#burst(host)
      this.#bursts++
    }, BURST_MS)
  }

  still(): void {
    clearInterval(this.#timer)
  }

  #burst(host: Host): void {
    const oldest = Math.floor(this.#bursts / BURSTS_A_SOURCE)
    const time = Date.now()
    let text = ''
    for (let n = 0; n < LINES_A_BURST; n++) {
      const at = host.lines++
      const source = oldest + this.#random.between(0, SOURCES_AT_ONCE - 1)
      const dst = `10.${this.#hosts.indexOf(host)}.${at >> 15}.1`
      const probe = { ...nmapTcp(this.#random, 40_000, 1 + (at & 32_767)), id: 1 + (at % 65_535) }
      text += `${logLine({ time, src: `198.18.${source >> 8}.${source & 255}`, dst, host: host.name, ...probe })}\n`
    }
    appendFileSync(host.log, text)
  }

  get written(): number {
    return this.#hosts.reduce((sum, { lines }) => sum + lines, 0)
  }

  packetsInLogs(): Packets {
    const packets: Packets = new Map()
    for (const { log } of this.#hosts) packetsIn(readFileSync(log, 'latin1'), packets)
    return packets
  }

  /** A signed wish, which the enforcer refuses since it is a dry run. */
  async ban(): Promise<void> {
    const subject = `203.0.113.${this.#banned.length + 1}`
    this.#banned.push(subject)
    const from = Date.now()
    const wishes: Ban['wishes'] = [{ hosts: [], from, until: from + 600_000, why: 'test' }]
    const value = signBan({ subject, wishes, revision: from * 1_000 }, this.#key)
    this.#producer ??= await this.fleet.queue.producer()
    const partition = this.#banned.length % this.fleet.partitions
    const message = { key: new TextEncoder().encode(subject), value }
    await this.#producer.send(this.fleet.topic('bans'), partition, [message])
  }

  get banned(): readonly string[] {
    return this.#banned
  }

  /** What the enforcer said of bans, in order. */
  async receipts(): Promise<string[]> {
    return (await all(this.fleet.queue, this.fleet.topic('receipts'), 0)).flatMap(({ value }) => {
      const read = MESSAGES.receipt.decode(value ?? new Uint8Array())
      return read.ok && read.value.ban !== null ? [`${read.value.ban.subject} ${read.value.ban.outcome}`] : []
    })
  }

  async stop(): Promise<void> {
    this.still()
    await this.#producer?.close()
    await this.fleet.stop()
  }
}
