/**
 * A response under faults: a responder, a mail server, and a host that bans where there can be one; and whether all is as it must be.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { StoredNotices } from '@picket/responder/main'
import type { Producer } from '@picket/runtime'
import { makeKeyFile, publicKeyText, readPublicKey, type SigningKey, verifyBan } from '@picket/runtime/bans'
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import { BanningHost, noBanningHost } from '../fleet/banning-host.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { type FleetOptions, RealFleet } from '../fleet/real-fleet.ts'
import { picket } from '../picket.ts'
import { waitUntil } from '../services/wait-until.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'
import { all } from './oracle.ts'
import { ALLOWED, partitionOfAlert, ResponseAlerts } from './response-alerts.ts'
import { DECISIONS, type Due, dueOf } from './response-oracle.ts'

const DOMAIN = 'example.net'
const SETTLE_MS = 120_000
/** What responders also sign for hosts. */
const OTHER_THAN_BAN = /^a picket\.Allowlist, not a picket\.Ban$/
/** A renewed ban is an hour from then, so it lasts no longer than that and the jitter. */
const LONGEST_S = 2 * 3_600

export class ResponseWorld {
  readonly fleet: RealFleet
  readonly responder: FleetProcess
  readonly host: BanningHost | undefined
  readonly smtp: Smtp
  readonly #key: SigningKey
  readonly #producer: Producer
  readonly #alerts = new ResponseAlerts()
  readonly #lifted = new Set<string>()

  private constructor(
    fleet: RealFleet,
    responder: FleetProcess,
    smtp: Smtp,
    key: SigningKey,
    producer: Producer,
  ) {
    this.fleet = fleet
    this.responder = responder
    this.smtp = smtp
    this.#key = key
    this.#producer = producer
    const place = {
      brokers: fleet.kafka.addresses,
      prefix: fleet.prefix,
      publicKey: publicKeyText(key.publicKey),
    }
    this.host = noBanningHost() === false ? new BanningHost(place) : undefined
  }

  static async start(options: FleetOptions): Promise<ResponseWorld> {
    const [fleet, smtp] = await Promise.all([RealFleet.start(options), startSmtp()])
    const { partitions } = fleet
    await (await fleet.admin()).makeTopic(fleet.topic('bans'), partitions, { 'cleanup.policy': 'compact' })
    const path = join(fleet.folder, 'ban.key')
    const key = makeKeyFile(path)
    const topics = {
      packets: partitions,
      contacts: partitions,
      alerts: partitions,
      bans: partitions,
      receipts: 1,
    }
    const responder = await fleet.process('responder', {
      kafka: { partitions: topics },
      responder: { heartbeat: 1 },
      alerts: { format: 'json' },
      channels: { ops: { ...MAIL, port: smtp.port } },
      decisions: DECISIONS,
      mailBudget: { perHour: 1_000, digestAfter: 1_000 },
      enrichment: { dns: { enabled: false }, whois: { enabled: false } },
      bans: { key: path, confirmSeconds: 3_600, caps: { perMinute: 100_000, total: 65_536 } },
      allow: [ALLOWED],
    })
    const world = new ResponseWorld(fleet, responder, smtp, key, await fleet.queue.producer())
    responder.start()
    await responder.ready()
    await world.ask('bans', 'enable', '--yes')
    world.host?.start()
    return world
  }

  async stop(): Promise<void> {
    await this.host?.close()
    await this.#producer.close()
    await this.fleet.stop()
    await this.smtp.stop()
  }

  async ask(...args: readonly string[]): Promise<string> {
    const ended = await picket([...args, '--config', join(this.responder.command.folder, 'picket.yaml')])
    if (ended.status !== 0)
      throw new Error(`picket ${args.join(' ')}: ${ended.stderr}\n${this.responder.log()}`)
    return ended.stdout
  }

  /** A round of alerts, as detectors send them. */
  async alert(): Promise<void> {
    const { partitions } = this.fleet
    for (const alert of this.#alerts.round()) {
      const value = MESSAGES.alert.encode(alert)
      const partition = partitionOfAlert(alert, partitions)
      await this.#producer.send(this.fleet.topic('alerts'), partition, [{ key: null, value }])
    }
  }

  /** By hand, the second source of the last round: its incident does not rise again. */
  async lift(): Promise<void> {
    const source = this.#alerts.sent.at(-11)?.incident.source ?? ''
    await this.ask('unban', source)
    this.#lifted.add(source)
  }

  async killResponder(): Promise<void> {
    await this.responder.kill()
    await this.fleet.bury(this.responder)
  }

  /** It has died at its failpoint. */
  async died(): Promise<void> {
    const { responder, fleet } = this
    await waitUntil(
      () => !responder.isRunning,
      () => `the responder to die; it said:\n${responder.log()}`,
    )
    assert.equal(responder.exit.signal, 'SIGKILL', responder.log())
    await fleet.bury(responder)
  }

  async hostDied(): Promise<void> {
    const { host } = this
    await waitUntil(
      () => host?.isRunning !== true,
      () => `the enforcer to die; it said:\n${host?.log.slice(-4_000)}`,
    )
  }

  /** Until nothing is left to be done: mails, outbox, notices, bans and kernel. Gives the ms until the kernel held what is wished. */
  async settled(): Promise<number> {
    const began = performance.now()
    const due = await this.#due()
    let banned = Number.NaN
    let missing: unknown
    await waitUntil(
      async () => {
        missing = await this.#missing(due)
        if (missing === undefined && Number.isNaN(banned)) banned = performance.now() - began
        return missing === undefined && (await this.#hasTold(due))
      },
      () =>
        `all to be done; bans: ${JSON.stringify(missing)}, mails ${this.#ids().size} of ${due.mails.size}\n` +
        `${this.responder.log()}\n${this.host?.log.slice(-4_000)}`,
      SETTLE_MS,
    )
    return banned
  }

  /** Each mail that is due came under its own Message-ID, once or, where a kill made it doubtful, twice; and no other came. */
  async checkMails(): Promise<number> {
    const repeated = await this.checkMailsSoFar()
    const { mails } = await this.#due()
    assert.deepEqual([...this.#ids()].sort(), [...mails.keys()].sort())
    return repeated
  }

  /** The same, except that some may still be under way. How many came twice. */
  async checkMailsSoFar(): Promise<number> {
    const taken = [...this.smtp.mails]
    const { mails } = await this.#due()
    const counts = new Map<string, number>()
    for (const { parsed } of taken) {
      const id = parsed.messageId ?? ''
      if (!isOfAlert(id)) continue
      counts.set(id, (counts.get(id) ?? 0) + 1)
      assert.ok(mails.has(id), `${id}: ${parsed.subject} is not due`)
      assert.equal(parsed.inReplyTo, mails.get(id), `${id} answers another mail`)
    }
    const repeated = [...counts].filter(([, count]) => count > 1)
    const often = repeated.filter(([, count]) => count > 2)
    assert.deepEqual(often, [], 'mailed more than once more')
    return repeated.length
  }

  #due(): Promise<Due> {
    return dueOf(this.fleet.queue, this.fleet.topic('alerts'), DOMAIN)
  }

  #ids(): Set<string> {
    return new Set(
      this.smtp.mails.flatMap(({ parsed }) => (isOfAlert(parsed.messageId) ? parsed.messageId : [])),
    )
  }

  async #hasTold({ mails }: Due): Promise<boolean> {
    const ids = this.#ids()
    if (![...mails.keys()].every((id) => ids.has(id))) return false
    if ((await this.responder.metric('picket_responder_outbox_alerts')) > 0) return false
    const notices = new StoredNotices({ store: await this.fleet.store(), isSender: () => false })
    return (await notices.waiting('ops')) === 0
  }

  /** What is not as it must be of bans: due, on the topic, in the kernel. */
  async #missing({ bans }: Due): Promise<unknown> {
    const due = [...bans.keys()].filter((subject) => !this.#lifted.has(subject)).sort()
    const wished = await this.wished()
    if (JSON.stringify(due) !== JSON.stringify([...wished.keys()].sort())) return differing(due, wished)
    const banned = (await this.host?.banned()) ?? wished
    if (JSON.stringify(due) !== JSON.stringify([...banned.keys()].sort())) return differing(due, banned)
    const ends = [...banned].filter(([, seconds]) => !(seconds > 0 && seconds < LONGEST_S))
    return ends.length === 0 ? undefined : ends
  }

  /** Each ban was asked for as often as there were alerts to ask for it, and no kill made it a new one. */
  async checkRevisions(): Promise<void> {
    const { bans } = await this.#due()
    const revisions = new Map<string, Set<number>>()
    for (const { subject, wishes, revision } of await this.#signed())
      if (wishes.length > 0) revisions.set(subject, (revisions.get(subject) ?? new Set()).add(revision))
    for (const [subject, { size }] of revisions)
      assert.ok(size <= (bans.get(subject) ?? 0), `${subject} was banned ${size} times`)
  }

  /** The newest wish of each subject that has one, as seconds that are left. */
  async wished(): Promise<Map<string, number>> {
    const wished = new Map<string, number>()
    for (const { subject, wishes } of await this.#signed()) {
      wished.delete(subject)
      assert.ok(wishes.length <= 1, `${subject} is wished ${wishes.length} times`)
      for (const { until } of wishes) wished.set(subject, (until - Date.now()) / 1_000)
    }
    return wished
  }

  /** All that lies on the topic, in the order of each partition. */
  async #signed(): Promise<Ban[]> {
    const keys = new Map([[this.#key.id, readPublicKey(publicKeyText(this.#key.publicKey), 'test')]])
    const bans: Ban[] = []
    for (let partition = 0; partition < this.fleet.partitions; partition++) {
      for (const { value } of await all(this.fleet.queue, this.fleet.topic('bans'), partition)) {
        const verified = verifyBan(value ?? new Uint8Array(), keys)
        if (verified.ok) bans.push(verified.ban)
        else assert.match(verified.detail, OTHER_THAN_BAN, 'neither a ban nor what may lie beside bans')
      }
    }
    return bans
  }
}

/** Others are about Picket itself, or say what hosts have answered. */
function isOfAlert(id: string | undefined): id is string {
  return id !== undefined && /^<alert\.[0-9a-f]{16}@/.test(id)
}

function differing(due: readonly string[], there: ReadonlyMap<string, unknown>): unknown {
  return {
    missing: due.filter((subject) => !there.has(subject)),
    beyond: [...there.keys()].filter((subject) => !due.includes(subject)),
  }
}

const MAIL = {
  type: 'mail',
  from: `picket@${DOMAIN}`,
  to: [`admin@${DOMAIN}`],
  host: '127.0.0.1',
  insecure: true,
}
