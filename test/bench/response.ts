/**
 * `npm run bench:response [-- --bans N --everyMs N]`: from an alert on its topic to the ban in the kernels of three hosts.
 *
 * A real broker, Redis, mail server and responder; each host is a network namespace with its own enforcer and nftables. Times of
 * messages are the broker's (LogAppendTime), so no process tells of itself when it was done; the kernel is read back by the
 * enforcer (its receipt) and watched by `nft monitor`. All clocks are this machine's. Needs root.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Queue } from '@picket/runtime'
import { publicKeyText } from '@picket/runtime/bans'
import { KafkaQueue } from '@picket/runtime/kafka'
import { parseAddress, partitionOf } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { alertNumber, messageOf } from '../fleet-messages.ts'
import { Random } from '../generate/random.ts'
import { PARTITIONS, Responding } from '../responding.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { sharedKafka, sharedRedis } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'
import { startSmtp } from '../telling/smtp.ts'
import { BanningHost } from './banning-host.ts'
import { report } from './measure.ts'
import { load } from './process-numbers.ts'

const { values } = parseArgs({
  options: { bans: { type: 'string', default: '240' }, everyMs: { type: 'string', default: '250' } },
})
const BANS = Number(values.bans)
const HOSTS = ['web1', 'web2', 'web3'] as const
/** Not measured: the first ones pay for connections and for compiling. */
const WARM = 20
const MOST_P50_MS = 150
const MOST_P99_MS = 500
const DEADLINE_MS = 60_000

/** One ban on one host, in ms since 1970. */
interface Told {
  readonly alert: number
  readonly ban: number
  /** As the watcher saw it. */
  readonly kernel: number
  readonly readBack: number
  readonly receipt: number
}

function sourceOf(number: number): string {
  return `45.77.${number >> 8}.${number & 255}`
}

/** Calm, and out of step with whatever polls. */
async function sendAlerts(queue: Queue, prefix: string, from: number, count: number): Promise<void> {
  const producer = await queue.producer()
  const random = new Random(from + 1)
  for (let number = from; number < from + count; number++) {
    const source = sourceOf(number)
    const made = alertNumber(number)
    const alert = { ...made, incident: { ...made.incident, source, prefix: `${source}/32`, level: 4 } }
    const partition = partitionOf(parseAddress(source) ?? unreadable(source), PARTITIONS)
    await producer.send(`${prefix}.alerts`, partition, [messageOf(MESSAGES.alert.encode(alert))])
    await pause(Number(values.everyMs) * (0.5 + random.next()))
  }
  await producer.close()
}

function unreadable(text: string): never {
  throw new Error(`${text} is no address`)
}

/** By the broker's time of appending, the earliest message that `name` names so. */
async function timesOn(
  queue: Queue,
  topic: string,
  name: (value: Uint8Array, time: number) => string | undefined,
): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { start, end } = await queue.extent(topic, partition)
    for await (const { value, time } of queue.read(topic, partition, start, end)) {
      const named = value === null ? undefined : name(value, time)
      if (named !== undefined && !times.has(named)) times.set(named, time)
    }
  }
  return times
}

async function collect(queue: Queue, prefix: string, hosts: readonly BanningHost[]): Promise<Told[]> {
  const alerts = await timesOn(queue, `${prefix}.alerts`, (value) => {
    const alert = MESSAGES.alert.decode(value)
    return alert.ok ? (alert.value.incident.source ?? undefined) : undefined
  })
  const bans = await timesOn(queue, `${prefix}.bans`, (value) => {
    const ban = MESSAGES.ban.decode(value)
    return ban.ok ? ban.value.subject : undefined
  })
  const readBacks = new Map<string, number>()
  const receipts = await timesOn(queue, `${prefix}.receipts`, (value) => {
    const receipt = MESSAGES.receipt.decode(value)
    if (!receipt.ok || receipt.value.ban?.outcome !== 'applied') return undefined
    const name = `${receipt.value.reporter} ${receipt.value.ban.subject}`
    readBacks.set(name, receipt.value.ban.kernelReadBack)
    return name
  })
  const missing = Number.NaN
  return Array.from({ length: BANS }, (_, index) => sourceOf(WARM + index)).flatMap((source) =>
    hosts.map(({ reporter, seen }) => ({
      alert: alerts.get(source) ?? missing,
      ban: bans.get(source) ?? missing,
      kernel: seen.get(source) ?? missing,
      readBack: readBacks.get(`${reporter} ${source}`) ?? missing,
      receipt: receipts.get(`${reporter} ${source}`) ?? missing,
    })),
  )
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

type Stage = readonly [name: string, length: (told: Told) => number]
const STAGES: readonly Stage[] = [
  ['alertToBan', ({ alert, ban }) => ban - alert],
  ['banToKernel', ({ ban, kernel }) => kernel - ban],
  ['kernelToReceipt', ({ kernel, receipt }) => receipt - kernel],
  ['alertToKernelWatched', ({ alert, kernel }) => kernel - alert],
  ['alertToKernel', ({ alert, readBack }) => readBack - alert],
]

function figuresOf(told: readonly Told[]): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const [name, length] of STAGES) {
    const sorted = told.map(length).sort((a, b) => a - b)
    figures[`${name}P50Ms`] = quantile(sorted, 0.5)
    figures[`${name}P99Ms`] = quantile(sorted, 0.99)
    figures[`${name}MaxMs`] = quantile(sorted, 1)
  }
  return figures
}

async function measured(): Promise<Told[]> {
  const [kafka, redis, smtp] = await Promise.all([sharedKafka(), sharedRedis(), startSmtp()])
  const admin = await KafkaAdmin.connect(kafka.address)
  const queue = new KafkaQueue(settingsFor(kafka.address))
  const place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: smtp.port }
  const response = await Responding.make(place, { bans: { caps: { perMinute: 10_000 } } })
  const { prefix, responder, key } = response
  responder.start()
  await response.ready()
  await response.ask('bans', 'enable', '--yes')
  const hosts: BanningHost[] = []
  try {
    for (const reporter of HOSTS) {
      const kafkaPort = Number(kafka.address.split(':')[1])
      const publicKey = publicKeyText(key.publicKey)
      hosts.push(
        await BanningHost.start({ reporter, folder: responder.folder, kafkaPort, prefix, publicKey }),
      )
    }
    const haveSeen =
      (count: number): (() => boolean) =>
      () =>
        hosts.every(({ seen }) => seen.size >= count)
    const said = (): string => `the bans (${hosts.map(({ seen }) => seen.size).join()} are seen)`
    await sendAlerts(queue, prefix, 0, WARM)
    await waitUntil(haveSeen(WARM), said, DEADLINE_MS)
    await sendAlerts(queue, prefix, WARM, BANS)
    await waitUntil(haveSeen(WARM + BANS), said, DEADLINE_MS)
    let told: Told[] = []
    const areAllThere = async (): Promise<boolean> => {
      told = await collect(queue, prefix, hosts)
      return told.every(({ alert, ban, receipt }) => Number.isFinite(alert + ban + receipt))
    }
    await waitUntil(areAllThere, said, DEADLINE_MS)
    return told
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await responder.stop()
    await Promise.all([queue.close(), admin.close()])
    await Promise.all([kafka.stop(), redis.stop(), smtp.stop()])
  }
}

const told = await measured()
const figures = figuresOf(told)
const { alertToKernelP50Ms = Number.NaN, alertToKernelP99Ms = Number.NaN } = figures
report('response', {
  ...{ bans: BANS, hosts: HOSTS.length, everyMs: Number(values.everyMs), load: load(), ...figures },
  ...{ limitP50Ms: MOST_P50_MS, limitP99Ms: MOST_P99_MS },
  meaning:
    'alert appended to the ban read back from the kernel, each ban on each host; Watched: as nft monitor saw it',
})
report('response-crowdsec', {
  pollMs: 10_000,
  meaning: 'documented: its firewall bouncer asks each 10 s. Not measured',
})
report('response-psad', {
  pollMs: 5_000,
  meaning: 'documented: psad looks at its log each 5 s. Not measured',
})
process.exit(alertToKernelP50Ms < MOST_P50_MS && alertToKernelP99Ms < MOST_P99_MS ? 0 : 1)
