/**
 * RedisStore: a partition store in Redis, one script call per operation.
 *
 * When the answer to a commit is lost it may have been carried out or not. Its token is stored with it, so sending it again
 * settles the question without writing anything twice; the caller never learns of it unless Redis stays away.
 */
import { randomBytes } from 'node:crypto'
import { bytesOf } from '../../bytes.ts'
import type {
  Claim,
  Commit,
  CommitOutcome,
  Mark,
  Ownership,
  PartitionName,
  PartitionStore,
  Pending,
  Put,
  StoreKey,
} from '../partition-store.ts'
import { StoreError } from '../partition-store.ts'
import type { RedisSettings, StoreLog } from '../redis-settings.ts'
import { isInDoubt, isNoScript, storeErrorOf } from './faults.ts'
import { Link } from './link.ts'
import { markOf, packCommit, packKeys, packPuts, unpackValues } from './pack.ts'
import { CLAIM, COMMIT, LOAD, NOTE, OWNERSHIP, PAGE, POSITION, SCAN, type Script, TRIM } from './scripts.ts'

/** Keys in one LOAD: Redis answers nobody else meanwhile, and Lua's `unpack` ends at some 8,000. */
const KEYS_A_CALL = 1000
const OUTPUTS_A_PAGE = 256
const COMMIT_TRIES = 3

/** A commit that may have been carried out. Given again, it must go by the same token. */
interface InDoubt {
  readonly epoch: number
  readonly expected: number | undefined
  readonly next: number
  readonly token: string
}

type Argument = string | number | Buffer
type ClaimAnswer = [Buffer, Buffer, Buffer, number, Buffer[], Buffer[]]

export class RedisStore implements PartitionStore {
  readonly #link: Link
  readonly #prefix: string
  readonly #timeoutMs: number
  readonly #name: string = randomBytes(6).toString('hex')
  readonly #inDoubt = new Map<PartitionName, InDoubt>()
  #commits = 0

  static async open(settings: RedisSettings, log: StoreLog): Promise<RedisStore> {
    const store = new RedisStore(settings, log)
    await store.#link.open()
    return store
  }

  private constructor(settings: RedisSettings, log: StoreLog) {
    this.#prefix = settings.prefix
    this.#timeoutMs = settings.timeoutSeconds * 1000
    this.#link = new Link(settings, log, (partition) => this.#key(partition, 'p'))
  }

  async claim(partition: PartitionName): Promise<Claim> {
    const keys = ['m', 'k', 'o', 'p'].map((kind) => this.#key(partition, kind))
    const answer = (await this.#run(partition, CLAIM, keys, [leastEpoch(), OUTPUTS_A_PAGE])) as ClaimAnswer
    const [epoch, next, last, waiting, marks, outbox] = answer
    this.#inDoubt.delete(partition)
    const claim = { epoch: Number(epoch), next: next.length === 0 ? undefined : Number(next) }
    const rest = await this.#restOfOutbox(partition, claim.epoch, waiting)
    const first = Number(last) - waiting + 1
    return { ...claim, marks: marksOf(marks), outbox: pendingOf([...outbox, ...rest], first) }
  }

  async position(partition: PartitionName): Promise<number | undefined> {
    const next = (await this.#run(partition, POSITION, [this.#key(partition, 'm')], [])) as Buffer | null
    return next === null ? undefined : Number(next)
  }

  async ownership(partition: PartitionName, epoch: number, expected: number | undefined): Promise<Ownership> {
    const keys = [this.#key(partition, 'm')]
    return String(await this.#run(partition, OWNERSHIP, keys, [epoch, expected ?? ''])) as Ownership
  }

  async load(partition: PartitionName, keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]> {
    if (keys.length <= KEYS_A_CALL) return this.#loadSome(partition, keys)
    const parts: Promise<(Uint8Array | null)[]>[] = []
    for (let at = 0; at < keys.length; at += KEYS_A_CALL) {
      parts.push(this.#loadSome(partition, keys.slice(at, at + KEYS_A_CALL)))
    }
    return (await Promise.all(parts)).flat()
  }

  async commit(partition: PartitionName, commit: Commit): Promise<CommitOutcome> {
    const { epoch, expected, next, puts, marks, outbox } = commit
    const token = this.#tokenOf(partition, commit)
    const keys = ['m', 'k', 'o', 'v'].map((kind) => this.#key(partition, kind))
    const numbers = [epoch, expected ?? '', next, token, puts.length, marks.length, outbox.length]
    const args = [...numbers, packCommit(commit)]
    this.#inDoubt.set(partition, { epoch, expected, next, token })
    const answer = String(await this.#settle(partition, keys, args))
    this.#inDoubt.delete(partition)
    if (answer === 'fenced' || answer === 'moved') return { done: false, reason: answer }
    return { done: true, place: Number(answer) }
  }

  async trim(partition: PartitionName, epoch: number, place: number): Promise<boolean> {
    const keys = ['m', 'o'].map((kind) => this.#key(partition, kind))
    return (await this.#run(partition, TRIM, keys, [epoch, place])) === 1
  }

  async note(partition: PartitionName, epoch: number, puts: readonly Put[]): Promise<boolean> {
    const keys = ['m', 'v'].map((kind) => this.#key(partition, kind))
    return (await this.#run(partition, NOTE, keys, [epoch, puts.length, packPuts(puts)])) === 1
  }

  async *keys(partition: PartitionName, beginning: StoreKey): AsyncIterable<StoreKey> {
    const values = this.#key(partition, 'v')
    const pattern = Buffer.from(`${literal(values)}${literal(beginning)}*`, 'latin1')
    // A scan may come across a key twice.
    const told = new Set<StoreKey>()
    let cursor = '0'
    do {
      const answer = (await this.#run(partition, SCAN, [values], [cursor, pattern])) as [Buffer, Buffer[]]
      cursor = answer[0].toString()
      for (const found of answer[1]) {
        const key = found.toString('latin1', values.length)
        if (told.has(key)) continue
        told.add(key)
        yield key
      }
    } while (cursor !== '0')
  }

  reachable(): boolean {
    return this.#link.isWell()
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  /** The braces make all keys of a partition lie on one node of a cluster. */
  #key(partition: PartitionName, kind: string): string {
    return `${this.#prefix}{${partition}}${kind}`
  }

  async #loadSome(partition: PartitionName, keys: readonly StoreKey[]): Promise<(Uint8Array | null)[]> {
    if (keys.length === 0) return []
    const answer = await this.#run(partition, LOAD, [this.#key(partition, 'v')], [packKeys(keys)])
    return unpackValues(answer as Buffer, keys.length)
  }

  async #restOfOutbox(partition: PartitionName, epoch: number, waiting: number): Promise<Buffer[]> {
    const keys = ['m', 'o'].map((kind) => this.#key(partition, kind))
    const rest: Buffer[] = []
    for (let at = OUTPUTS_A_PAGE; at < waiting; at += OUTPUTS_A_PAGE) {
      const page = await this.#run(partition, PAGE, keys, [epoch, at, at + OUTPUTS_A_PAGE - 1])
      if (page === null)
        throw new StoreError('busy', `${partition} was claimed again while its outbox was read`)
      for (const value of page as Buffer[]) rest.push(value)
    }
    return rest
  }

  #tokenOf(partition: PartitionName, { epoch, expected, next }: Commit): string {
    const doubt = this.#inDoubt.get(partition)
    const isAgain = doubt?.epoch === epoch && doubt.expected === expected && doubt.next === next
    return isAgain ? doubt.token : `${this.#name}.${++this.#commits}`
  }

  /** Sends the commit until an answer comes, at most a few times. */
  async #settle(
    partition: PartitionName,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#run(partition, COMMIT, keys, args)
      } catch (error) {
        const isLast = tries === COMMIT_TRIES
        const mayBeDone = error instanceof StoreError && isInDoubt(error.cause)
        if (isLast || !mayBeDone || !(await this.#link.up(this.#timeoutMs))) throw error
      }
    }
  }

  async #run(
    partition: PartitionName,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    this.#link.check()
    try {
      const answer = await this.#send(script, [keys.length, ...keys, ...args])
      this.#link.went(partition)
      return answer
    } catch (error) {
      this.#link.failed(partition)
      throw storeErrorOf(error, this.#link.where)
    }
  }

  async #send({ sha, lua }: Script, args: Argument[]): Promise<unknown> {
    const { client } = this.#link
    try {
      return await client.callBuffer('EVALSHA', [sha, ...args])
    } catch (error) {
      if (!isNoScript(error)) throw error
      return client.callBuffer('EVAL', [lua, ...args])
    }
  }
}

/**
 * By the clock, in microseconds: if Redis loses its last second, or everything, the epochs given out after that are still
 * others than those given out before.
 */
function leastEpoch(): number {
  return Date.now() * 1000 + Math.floor(Math.random() * 1000)
}

function marksOf(flat: readonly Buffer[]): Mark[] {
  const marks: Mark[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, numbers] = [flat[at], flat[at + 1]]
    if (name !== undefined && numbers !== undefined) marks.push(markOf(name, numbers))
  }
  return marks
}

function pendingOf(values: readonly Buffer[], first: number): Pending[] {
  return values.map((value, index) => ({ place: first + index, value: bytesOf(value) }))
}

/** Nothing in the text is a wildcard to SCAN. */
function literal(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}
