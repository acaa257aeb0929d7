/**
 * Link: the connection as the store sees it: up or not, why not, and whether this Redis may be used at all.
 *
 * A Redis that evicts keys forgets scans in silence, so one with such a policy and a limit to reach is refused until it is
 * set right. `isWell` tells of the last seconds: a failed call counts until a probe of the same partition succeeds.
 */
import { Redis } from 'ioredis'
import { type PartitionName, StoreError } from '../partition-store.ts'
import type { RedisSettings, StoreLog } from '../redis-settings.ts'
import { connect, type RedisClient, whereIs } from './connect.ts'
import { storeErrorOf } from './faults.ts'

const PROBE_MS = 1000
/** Probes between two looks at how the servers are set up. */
const INSPECT_EVERY = 60

export class Link {
  readonly client: RedisClient
  readonly where: string
  readonly #log: StoreLog
  readonly #probeKey: (partition: PartitionName) => string
  readonly #failing = new Set<PartitionName>()
  /** Told since the connection last stood. */
  readonly #complaints = new Set<string>()
  #partition: PartitionName = 'probe'
  #refused: StoreError | undefined
  #lastError: StoreError | undefined
  #isOpen = true
  #isProbing = false
  #probes = 0
  readonly #timer: NodeJS.Timeout

  constructor(settings: RedisSettings, log: StoreLog, probeKey: (partition: PartitionName) => string) {
    this.#log = log
    this.#probeKey = probeKey
    this.where = whereIs(settings)
    this.client = connect(settings, log)
    this.client.on('error', (error: unknown) => this.#complain(error))
    this.client.on('node error', (error: unknown) => this.#complain(error))
    this.client.on('ready', () => void this.#ready())
    this.#timer = setInterval(() => void this.#probe(), PROBE_MS)
    this.#timer.unref()
  }

  /** Comes back when the connection stands, or has failed once. */
  async open(): Promise<void> {
    try {
      await this.client.connect()
      await this.#inspect()
    } catch (error) {
      // Usually only that it was closed; the connection's own complaint says why.
      if (this.#lastError === undefined) this.#complain(error)
    }
  }

  isWell(): boolean {
    return this.#isUp() && this.#refused === undefined && this.#failing.size === 0
  }

  /** Throws when there is no use in sending anything. */
  check(): void {
    if (this.#refused !== undefined) throw this.#refused
    if (this.#isUp()) return
    if (this.#lastError?.reason === 'denied') throw this.#lastError
    const why = this.#lastError === undefined ? `is ${this.client.status}` : this.#lastError.message
    throw new StoreError('unreachable', `${this.where} is not connected (${why})`, this.#lastError)
  }

  went(partition: PartitionName): void {
    this.#partition = partition
    if (this.#failing.size > 0) this.#failing.delete(partition)
  }

  failed(partition: PartitionName): void {
    this.#failing.add(partition)
  }

  /** True as soon as the connection stands, false when it does not in time. */
  async up(milliseconds: number): Promise<boolean> {
    if (this.#isUp()) return true
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.client.off('ready', settle)
        this.client.off('end', settle)
        resolve(this.#isUp())
      }
      const timer = setTimeout(settle, milliseconds)
      this.client.on('ready', settle)
      this.client.on('end', settle)
    })
  }

  async close(): Promise<void> {
    this.#isOpen = false
    clearInterval(this.#timer)
    if (this.#isUpNow()) await this.client.quit().catch(() => undefined)
    this.client.disconnect()
  }

  #isUp(): boolean {
    return this.#isOpen && this.#isUpNow()
  }

  #isUpNow(): boolean {
    return this.client.status === 'ready'
  }

  async #ready(): Promise<void> {
    if (this.#complaints.size > 0) this.#log.info({ redis: this.where }, 'Redis is connected again')
    this.#complaints.clear()
    this.#lastError = undefined
    await this.#inspect()
  }

  /** A server that is away complains several times a second; the same words are told once. */
  #complain(error: unknown): void {
    this.#lastError = storeErrorOf(error, this.where)
    const { message } = this.#lastError
    if (this.#complaints.has(message) || !this.#isOpen) return
    this.#complaints.add(message)
    this.#log.warn(
      { redis: this.where, reason: this.#lastError.reason, err: error },
      'Redis cannot be reached',
    )
  }

  async #probe(): Promise<void> {
    if (this.#isProbing || !this.#isUp()) return
    this.#isProbing = true
    this.#probes++
    const partitions = this.#failing.size > 0 ? [...this.#failing] : [this.#partition]
    await Promise.all(partitions.map((partition) => this.#probeOne(partition)))
    if (this.#refused !== undefined || this.#probes % INSPECT_EVERY === 0) await this.#inspect()
    this.#isProbing = false
  }

  async #probeOne(partition: PartitionName): Promise<void> {
    try {
      await this.client.setex(this.#probeKey(partition), 60, '')
      this.#failing.delete(partition)
    } catch {
      this.#failing.add(partition)
    }
  }

  async #inspect(): Promise<void> {
    try {
      const servers = this.client instanceof Redis ? [this.client] : this.client.nodes('master')
      const texts = await Promise.all(servers.map((server) => server.info()))
      this.#judge(texts.map(factsOf))
    } catch (error) {
      if (storeErrorOf(error, '').reason !== 'denied') return
      this.#tellOnce('Redis does not let us read INFO: whether it evicts keys, or keeps an AOF, is not known')
    }
  }

  #judge(servers: readonly Facts[]): void {
    const evicting = servers.find(({ policy }) => policy !== 'noeviction')
    const isDangerous = evicting !== undefined && evicting.maxMemory > 0
    const text = `${this.where} evicts keys when it is full (maxmemory-policy ${evicting?.policy}), which loses what is known of sources: set it to noeviction`
    const wasRefused = this.#refused !== undefined
    this.#refused = isDangerous ? new StoreError('broken', text) : undefined
    if (isDangerous && !wasRefused) this.#log.error({ redis: this.where }, text)
    if (!isDangerous && evicting !== undefined) this.#tellOnce(text)
    if (servers.some(({ hasAof }) => !hasAof)) {
      this.#tellOnce(
        `${this.where} keeps no append-only file: after a restart of Redis everything is rebuilt from Kafka`,
      )
    }
  }

  readonly #toldOnce = new Set<string>()

  #tellOnce(text: string): void {
    if (this.#toldOnce.has(text)) return
    this.#toldOnce.add(text)
    this.#log.warn({ redis: this.where }, text)
  }
}

interface Facts {
  readonly policy: string
  /** 0 when there is no limit. */
  readonly maxMemory: number
  readonly hasAof: boolean
}

/** From the text of INFO; what is not said counts as harmless. */
function factsOf(info: string): Facts {
  const said = new Map(
    info.split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1)] as const
    }),
  )
  return {
    policy: said.get('maxmemory_policy') ?? 'noeviction',
    maxMemory: Number(said.get('maxmemory') ?? 0),
    hasAof: said.get('aof_enabled') !== '0',
  }
}
