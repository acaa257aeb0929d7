/**
 * A fleet's response for tests: a responder that may ban and mail, over topics of its own, and what comes of it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Queue } from '@picket/runtime'
import {
  makeKeyFile,
  type PinnedKeys,
  publicKeyText,
  readPublicKey,
  type SigningKey,
  verifyBan,
} from '@picket/runtime/bans'
import type { Ban } from '@picket/schemas/messages'
import { picket } from './picket.ts'
import { ResponderProcess } from './responder-process.ts'
import type { KafkaAdmin } from './services/kafka-admin.ts'
import { freshName } from './services/shared.ts'

export const PARTITIONS = 2
const TOPICS = ['packets', 'contacts', 'alerts', 'bans', 'receipts', 'dead-letters'] as const

export interface Place {
  readonly kafka: string
  readonly redis: string
  readonly admin: KafkaAdmin
  readonly queue: Queue
  readonly smtpPort: number
}

/** As `picket bans --json` prints it. */
export interface ShownBans {
  readonly mode: string
  readonly hosts: readonly string[]
  readonly bans: readonly {
    readonly subject: string
    readonly until: string
    readonly why: string
    readonly hosts: number
    readonly applied: readonly string[]
    readonly refused: readonly { readonly host: string; readonly why: string }[]
    readonly missing: readonly string[]
  }[]
}

type Sections = Readonly<Record<string, unknown>>

export class Responding {
  readonly prefix: string = freshName('response')
  readonly key: SigningKey
  readonly responder: ResponderProcess
  readonly #queue: Queue

  private constructor({ kafka, redis, queue, smtpPort }: Place, sections: Sections) {
    this.#queue = queue
    const partitions = Object.fromEntries(TOPICS.map((topic) => [topic, PARTITIONS]))
    const folder = join('/tmp', this.prefix)
    mkdirSync(folder)
    const path = join(folder, 'ban.key')
    this.key = makeKeyFile(path)
    this.responder = new ResponderProcess({
      ...{ kafka, redis, prefix: this.prefix, partitions },
      sections: {
        channels: { ops: { ...MAIL, port: smtpPort } },
        decisions: { rules: [{ name: 'serious', when: { level: 3 }, tell: ['*'], ban: '1h' }] },
        mailBudget: { gatherSeconds: 2 },
        enrichment: { dns: { enabled: false }, whois: { enabled: false } },
        ...sections,
        bans: { key: path, confirmSeconds: 5, ...(sections['bans'] as object | undefined) },
      },
    })
  }

  static async make(place: Place, sections: Sections = {}): Promise<Responding> {
    const responding = new Responding(place, sections)
    for (const topic of TOPICS)
      await place.admin.makeTopic(`${responding.prefix}.${topic}`, PARTITIONS, {
        ...(topic === 'bans' ? { 'cleanup.policy': 'compact' } : {}),
      })
    return responding
  }

  get keys(): PinnedKeys {
    return new Map([[this.key.id, readPublicKey(publicKeyText(this.key.publicKey), 'test')]])
  }

  /** The newest message of each subject, where it is signed with our key. */
  async wished(): Promise<Map<string, Ban>> {
    const newest = new Map<string, Ban>()
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { start, end } = await this.#queue.extent(`${this.prefix}.bans`, partition)
      for await (const { value } of this.#queue.read(`${this.prefix}.bans`, partition, start, end)) {
        const verified = value === null ? undefined : verifyBan(value, this.keys)
        if (verified?.ok === true) newest.set(verified.ban.subject, verified.ban)
      }
    }
    return newest
  }

  /** What the command said on standard output. */
  async ask(...args: readonly string[]): Promise<string> {
    const ended = await picket([...args, '--config', this.responder.config])
    if (ended.status !== 0) throw new Error(`${ended.stderr}\n${this.responder.log}`)
    return ended.stdout
  }

  async bans(): Promise<ShownBans> {
    return JSON.parse(await this.ask('bans', '--json')) as ShownBans
  }

  /** It answers, and reads alerts. */
  async ready(): Promise<void> {
    await this.responder.statusWhen(({ fleet }) => fleet.responder.healthy, 'the responder to be ready')
  }
}

const MAIL = {
  type: 'mail',
  from: 'picket@example.net',
  to: ['admin@example.net'],
  host: '127.0.0.1',
  insecure: true,
}
