/**
 * The response, with a real broker, Redis and mail server: from an alert to a mail and a signed ban, and back by hand.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { candidates, type EnforcerSettings, makeTool, startEnforcer } from '@picket/collector/enforcer'
import { Metrics, makeLogger, type Producer, type Queue } from '@picket/runtime'
import { newSigningKey, signBan } from '@picket/runtime/bans'
import { KafkaQueue } from '@picket/runtime/kafka'
import { parseAddress, partitionOf } from '@picket/schemas'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { alertNumber, collectorBeat, sendAlert, sendBeat } from '../fleet-messages.ts'
import { picket } from '../picket.ts'
import { PARTITIONS, Responding } from '../responding.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { type SharedService, sharedKafka, sharedRedis } from '../services/shared.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'picket-response-'))

let kafka: SharedService
let redis: SharedService
let admin: KafkaAdmin
let queue: Queue
let producer: Producer
let smtp: Smtp
const running: Responding[] = []

before(async () => {
  ;[kafka, redis, smtp] = await Promise.all([sharedKafka(), sharedRedis(), startSmtp()])
  admin = await KafkaAdmin.connect(kafka.address)
  queue = new KafkaQueue(settingsFor(kafka.address))
  producer = await queue.producer()
})

beforeEach(() => {
  smtp.mails.length = 0
})

after(async () => {
  await Promise.all(running.map(({ responder }) => responder.stop()))
  await queue?.close()
  await admin?.close()
  await Promise.all([kafka?.stop(), redis?.stop(), smtp?.stop()])
  rmSync(FOLDER, { recursive: true })
})

async function newResponse(sections: Readonly<Record<string, unknown>> = {}): Promise<Responding> {
  const place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: smtp.port }
  const responding = await Responding.make(place, sections)
  running.push(responding)
  return responding
}

function texts(): string[] {
  return smtp.mails.map(({ parsed }) => parsed.text ?? '')
}

/** An enforcer that bans nothing and says so. */
async function startDryEnforcer(
  { prefix, keys }: Responding,
  reporter: string,
): Promise<() => Promise<void>> {
  const [kernel] = candidates({ type: 'dry-run' }, makeTool({}))
  assert.ok(kernel !== undefined)
  const settings: EnforcerSettings = {
    ...{ reporter, site: '', instance: `enforcer-${reporter}`, version: '0', allow: [], adminPorts: [22] },
    topics: {
      bans: `${prefix}.bans`,
      receipts: `${prefix}.receipts`,
      group: `${prefix}-enforcer-${reporter}`,
    },
    state: join(FOLDER, `${prefix}-${reporter}`),
    firewall: { type: 'dry-run' },
    caps: { total: 1_000, perMinute: 1_000, widestV4: 24, widestV6: 64 },
    peers: [],
    heartbeatSeconds: 1,
  }
  const log = makeLogger({ level: 'error', format: 'json' })
  const enforcer = await startEnforcer(settings, { queue, log, metrics: new Metrics(), keys, kernel })
  return () => enforcer.stop()
}

test('an alert is one mail that says whom it would have banned; once bans are enabled it is a signed ban on the topic, and lifted by hand', async () => {
  const response = await newResponse({ bans: { answerSeconds: 60 } })
  response.responder.start()
  await response.ready()
  const stopEnforcer = await startDryEnforcer(response, 'web1')

  await sendAlert(producer, response.prefix, alertNumber(1))
  await response.responder.until(() => smtp.mails.length === 1, 'the mail of the dry run')
  assert.match(texts()[0] ?? '', /Would have banned 203\.0\.113\.1 for 1 hour/)
  assert.equal((await response.wished()).size, 0)
  assert.match(
    await response.ask('explain', '203.0.113.1'),
    /would have banned 203\.0\.113\.1 .*\[would-ban\]/,
  )

  const asked = await picket(['bans', 'enable', '--config', response.responder.config])
  assert.equal(asked.status, 2)
  assert.match(asked.stdout, /Never banned by the fleet:/)
  assert.match(await response.ask('bans', 'enable', '--yes'), /bans are enabled/)

  await response.responder.until(async () => (await response.bans()).hosts.includes('web1'), 'the host')
  await sendAlert(producer, response.prefix, alertNumber(2))
  await response.responder.until(() => smtp.mails.length === 2, 'the second mail')
  assert.match(smtp.mails[1]?.parsed.subject ?? '', /; not banned, refused by 1 of 1$/)
  assert.match(texts()[1] ?? '', /203\.0\.113\.2 for 1 hour .*was asked for, and is done on 0 of 1 host\./)
  assert.match(texts()[1] ?? '', /web1 refused: dry-run: /)
  assert.match(texts()[1] ?? '', /picket unban 203\.0\.113\.2/)
  const ban = (await response.wished()).get('203.0.113.2')
  assert.equal(ban?.wishes.length, 1)
  assert.match(ban?.wishes[0]?.why ?? '', /^rule serious: level 3, vertical_scan/)

  await response.responder.until(
    async () => (await response.bans()).bans[0]?.refused.length === 1,
    'the receipt',
  )
  const shown = await response.bans()
  assert.deepEqual(
    [shown.mode, shown.hosts, shown.bans[0]?.subject, shown.bans[0]?.missing],
    ['enabled', ['web1'], '203.0.113.2', []],
  )
  assert.match(shown.bans[0]?.refused[0]?.why ?? '', /dry-run/)

  assert.equal(await response.ask('unban', '203.0.113.2'), 'lifted 203.0.113.2\n')
  const lifted = (await response.wished()).get('203.0.113.2')
  assert.deepEqual(lifted?.wishes, [])
  assert.ok((lifted?.revision ?? 0) > (ban?.revision ?? 0))
  assert.deepEqual((await response.bans()).bans, [])
  await stopEnforcer()
})

test('bans by hand: not of one’s own session, never of the allowed, and an entry lifts what it covers', async () => {
  const response = await newResponse()
  response.responder.start()
  await response.ready()
  assert.match(await response.ask('ban', '198.51.100.7'), /^would have banned 198\.51\.100\.7/)
  await response.ask('bans', 'enable', '--yes')
  assert.match(
    await response.ask('ban', '198.51.100.7', '--for', '10m', '--why', 'tired of it'),
    /^banned 198\.51\.100\.7 until/,
  )

  process.env['SSH_CONNECTION'] = '198.51.100.99 50000 10.0.0.5 22'
  const own = await picket(['ban', '198.51.100.0/24', '--config', response.responder.config])
  assert.equal(own.status, 2)
  assert.match(own.stderr, /logged in from \(198\.51\.100\.99\): ban it with --yes/)
  delete process.env['SSH_CONNECTION']

  const added = await response.ask('allow', 'add', '198.51.100.0/28', '--comment', 'partner', '--for', '1h')
  assert.match(added, /allowed 198\.51\.100\.0\/28 until .* partner {2}\(by \S+\)\nlifted 198\.51\.100\.7\n/)
  assert.deepEqual((await response.wished()).get('198.51.100.7')?.wishes, [])
  const refused = await picket(['ban', '198.51.100.7', '--config', response.responder.config])
  assert.match(refused.stderr, /198\.51\.100\.7: not banned: allowed by 198\.51\.100\.0\/28 \(partner\)/)
  assert.match(await response.ask('allow', 'check', '198.51.100.7'), /is never banned/)
  await response.ask('allow', 'remove', '198.51.100.0/28')
  assert.equal(await response.ask('allow', 'list'), 'nobody is on the allowlist\n')

  await response.ask('ban', '2001:db8:1:2::5')
  assert.deepEqual(
    (await response.bans()).bans.map(({ subject }) => subject),
    ['2001:db8:1:2::/64'],
  )
  assert.match(await response.ask('unban', '--all'), /lifted 2001:db8:1:2::\/64/)
})

test('a host that refuses late is one update in the thread, also where the responder is killed as it tells it', async () => {
  const response = await newResponse({ bans: { answerSeconds: 0, confirmSeconds: 600 } })
  response.responder.start()
  await response.ready()
  await response.ask('bans', 'enable', '--yes')
  await sendBeat(producer, response.prefix, { ...collectorBeat('web9', 600_000), service: 'enforcer' })
  await response.responder.until(async () => (await response.bans()).hosts.includes('web9'), 'the host')
  await sendAlert(producer, response.prefix, alertNumber(7))
  await response.responder.until(() => smtp.mails.length === 1, 'the first mail')
  assert.match(texts()[0] ?? '', /on 0 of 1 host\.\n +web9 has not confirmed it yet\./)
  await response.responder.kill()
  response.responder.start('responder.followed-up')
  const { revision = 0 } = (await response.wished()).get('203.0.113.7') ?? {}
  const why = 'gateway: the gateway of eth0'
  const ban = { subject: '203.0.113.7', revision, outcome: 'refused', why, kernelReadBack: 0 }
  const said = { ...collectorBeat('web9', 600_000), service: 'enforcer', heartbeat: null, ban }
  await sendBeat(producer, response.prefix, said)
  assert.equal(await response.responder.ended(), 'SIGKILL')
  response.responder.start()
  await sendAlert(producer, response.prefix, alertNumber(8))
  await response.responder.until(() => texts().some((text) => text.includes('203.0.113.8')), 'the next mail')
  const updates = smtp.mails.filter(({ parsed }) => parsed.messageId?.includes('.hosts@') === true)
  assert.ok(updates.length === 1 || updates.length === 2)
  assert.equal(new Set(updates.map(({ parsed }) => parsed.messageId)).size, 1)
  assert.equal(updates[0]?.parsed.inReplyTo, smtp.mails[0]?.parsed.messageId)
  assert.match(updates[0]?.parsed.subject ?? '', /; not banned, refused by 1 of 1$/)
  assert.match(updates[0]?.parsed.text ?? '', /web9 refused: gateway: the gateway of eth0\./)
})

test('a ban that somebody else wrote is overruled, and paged', async () => {
  const response = await newResponse()
  response.responder.start()
  await response.ready()
  const subject = '192.0.2.66'
  const address = parseAddress(subject)
  assert.ok(address !== undefined)
  const now = Date.now()
  const wishes = [{ hosts: [], from: now, until: now + 3_600_000, why: 'evil' }]
  const value = signBan({ subject, wishes, revision: now * 1000 }, newSigningKey())
  const partition = partitionOf(address, PARTITIONS)
  await producer.send(`${response.prefix}.bans`, partition, [
    { key: new TextEncoder().encode(subject), value },
  ])
  await response.responder.until(async () => (await response.wished()).has(subject), 'our own record on top')
  assert.deepEqual((await response.wished()).get(subject)?.wishes, [])
  await response.responder.until(() => smtp.mails.length === 1, 'the page')
  assert.match(smtp.mails[0]?.parsed.subject ?? '', /192\.0\.2\.66 was written by somebody else/)
})

test('a host that does not confirm a ban in time is shown, and paged', async () => {
  const response = await newResponse()
  response.responder.start()
  await response.ready()
  await response.ask('bans', 'enable', '--yes')
  const beat = { ...collectorBeat('web9', 60_000), service: 'enforcer' }
  await sendBeat(producer, response.prefix, beat)
  await response.ask('ban', '198.51.100.8')
  await response.responder.until(async () => (await response.bans()).hosts.includes('web9'), 'the host')
  assert.deepEqual((await response.bans()).bans[0]?.missing, ['web9'])
  assert.match(await response.ask('bans'), /applied on 0 of 1 host .*\n {2}! not confirmed by web9/)
  await response.responder.until(() => smtp.mails.length === 1, 'the page')
  assert.match(smtp.mails[0]?.parsed.subject ?? '', /web9 has not done 1 of the bans asked of it/)
  assert.match(texts()[0] ?? '', /198\.51\.100\.8/)
})

test('the alerts of the topic go through other rules, and nobody is told or banned', async () => {
  const response = await newResponse()
  for (const number of [1, 2, 3]) await sendAlert(producer, response.prefix, alertNumber(number))
  const rules = join(FOLDER, 'rules.yaml')
  writeFileSync(
    rules,
    'decisions: {rules: [{name: hard, when: {level: 3}, tell: [], ban: 2h}]}\nallow: [203.0.113.3]\n',
  )
  const said = await response.ask('decide', '--what-if', rules, '--since', '1h')
  assert.match(said, /would have banned 203\.0\.113\.1 for 2 hours/)
  assert.match(said, /3 alerts: 0 would have been told, 2 bans of 2 sources/)
  assert.equal((await response.wished()).size, 0)
})
