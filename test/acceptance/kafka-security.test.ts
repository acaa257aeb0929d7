import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  type KafkaSettings,
  type Queue,
  type QueueError,
  RIGHTS,
  ROLES,
  type Role,
  TOPIC_NAMES,
  type TopicName,
} from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { collect, isFault } from '../contract/queue-bench.ts'
import { RecordingReader, texts } from '../contract/recording-reader.ts'
import { SecuredFleet } from '../fleet/secured-fleet.ts'
import { type Ended, picket } from '../picket.ts'
import { makeAuthority } from '../services/certificates.ts'
import { type Kafka, type KafkaTls, startKafka } from '../services/kafka.ts'
import { freshName, sharedRedis } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'

const PREFIX = 'picket'
const USERS = ['admin', ...ROLES.map((role) => `picket-${role}`), 'rotating']

let kafka: Kafka
let tls: KafkaTls
let folder: string
const open: Queue[] = []

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-security-'))
  kafka = await startKafka({ users: Object.fromEntries(USERS.map((user) => [user, `${user}-secret`])) })
  if (kafka.tls === undefined) throw new Error('a broker without TLS')
  tls = kafka.tls
  for (const user of USERS) writeFileSync(join(folder, user), `${user}-secret\n`)
  const applied = await asAdmin('topics', 'apply')
  assert.deepEqual([applied.status, applied.stderr], [0, ''])
  const granted = await asAdmin('topics', 'acl', '--apply')
  assert.deepEqual([granted.status, granted.stderr], [0, ''])
})

after(async () => {
  await Promise.all(open.map((queue) => queue.close()))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function section(user: string, more: object = {}): object {
  const sasl = { username: user, passwordFile: join(folder, user) }
  return { brokers: [kafka.address], tls: { ca: tls.authority.cert }, sasl, prefix: PREFIX, ...more }
}

function configuration(user: string, more: object = {}): string {
  const file = join(folder, `${user}.yaml`)
  writeFileSync(file, JSON.stringify({ kafka: section(user, more) }))
  return file
}

const asAdmin = (...args: string[]): Promise<Ended> => picket([...args, '--config', configuration('admin')])

function connect(user: string, more: Partial<KafkaSettings> = {}): KafkaQueue {
  const queue = new KafkaQueue({
    brokers: [kafka.address],
    clientId: user,
    tls: { ca: tls.authority.cert },
    sasl: { mechanism: 'scram-sha-512', username: user, passwordFile: join(folder, user) },
    requestTimeoutMs: 10_000,
    ...more,
  })
  open.push(queue)
  return queue
}

const readText = (file: string): string => readFileSync(file, 'utf8')
const named = (name: TopicName): string => `${PREFIX}.${name}`
const without = <T>(all: readonly T[], some: readonly T[]): T[] => all.filter((one) => !some.includes(one))

async function write(queue: Queue, name: TopicName): Promise<number> {
  const producer = await queue.producer()
  try {
    return await producer.send(named(name), 0, [{ key: new Uint8Array([1]), value: new Uint8Array([1]) }])
  } finally {
    await producer.close()
  }
}

async function read(queue: Queue, name: TopicName): Promise<unknown> {
  return (await collect(queue, named(name), 0, 1)).length
}

for (const role of ROLES) {
  test(`the ${role} can do what it must`, async () => {
    const admin = connect('admin')
    const queue = connect(`picket-${role}`)
    for (const name of RIGHTS[role].writes) assert.ok((await write(queue, name)) >= 0, name)
    for (const name of RIGHTS[role].reads) {
      await write(admin, name)
      assert.equal(await read(queue, name), 1, name)
    }
  })

  test(`the ${role} is refused all else`, async () => {
    await write(connect('admin'), 'packets')
    const queue = connect(`picket-${role}`)
    const { reads, writes } = RIGHTS[role]
    for (const name of without(TOPIC_NAMES, writes))
      await assert.rejects(write(queue, name), isFault('denied'))
    for (const name of without(TOPIC_NAMES, reads)) await assert.rejects(read(queue, name), isFault('denied'))
  })
}

const GROUPS: readonly (readonly [Role, string, TopicName])[] = [
  ['enforcer', 'picket-enforcer-web1', 'bans'],
  ['detector', 'picket-detector', 'packets'],
  ['detector', 'picket-detector-contacts', 'contacts'],
  ['responder', 'picket-responder', 'alerts'],
  ['responder', 'picket-responder-receipts', 'receipts'],
]

test('enforcer, detector and responder read as members of their own groups, and of no other', async () => {
  for (const [role, group, name] of GROUPS) {
    const queue = connect(`picket-${role}`)
    const well = await queue.subscribe({ topic: named(name), group }, new RecordingReader())
    await waitUntil(() => well.assigned.length === 12, `${group} to be formed`)
    await well.stop()
    const foreign = await queue.subscribe(
      { topic: named(name), group: 'somebody-else' },
      new RecordingReader(),
    )
    await waitUntil(() => foreign.fault !== undefined, 'the refusal')
    assert.equal((foreign.fault as QueueError).reason, 'denied')
    await foreign.stop()
  }
})

test('whoever may not write bans cannot have anybody banned, and a host cannot speak of packets', async () => {
  const forbidden: readonly (readonly [Role, readonly TopicName[]])[] = [
    ['collector', ['bans', 'alerts', 'contacts']],
    ['detector', ['bans', 'packets']],
    ['enforcer', ['bans', 'packets', 'alerts']],
    ['responder', ['packets', 'alerts']],
  ]
  for (const [role, names] of forbidden)
    for (const name of names)
      await assert.rejects(write(connect(`picket-${role}`), name), isFault('denied'), `${role} ${name}`)
})

test('a whole fleet over TLS, each process with its own rights only: from a line in a log to the receipt of a ban', async () => {
  const redis = await sharedRedis()
  const place = { folder, kafka: section, redis: redis.address, prefix: freshName('secured') }
  const fleet = await SecuredFleet.start(place)
  try {
    const enabled = await fleet.ask('bans', 'enable', '--yes')
    assert.equal(enabled.status, 0, enabled.stderr)
    fleet.scan('198.51.100.7')
    const isRefused = async (): Promise<boolean> => {
      const { stdout } = await fleet.ask('bans', '--json')
      return /"host":\s*"web1",\s*"why":\s*"dry-run/.test(stdout)
    }
    await waitUntil(isRefused, () => `the receipt of the ban; they said:\n${fleet.logs()}`)
    assert.doesNotMatch(fleet.logs(), /denied|authoriz/i)
  } finally {
    await fleet.stop()
    await redis.stop()
  }
})

test('a process of the fleet can neither make topics nor grant rights', async () => {
  for (const args of [['apply'], ['acl', '--apply']]) {
    const file = configuration('picket-detector', { prefix: 'other' })
    const ended = await picket(['topics', ...args, '--config', file])
    assert.equal(ended.status, 2, ended.stdout)
    assert.match(ended.stderr, /authorization failed/i)
  }
})

const REFUSED: readonly (readonly [string, () => Partial<KafkaSettings>, RegExp])[] = [
  [
    'another authority',
    () => ({ tls: { ca: makeAuthority(folder, 'stranger').cert } }),
    /certificate is not accepted.*kafka\.tls/,
  ],
  ['no authority', () => ({ tls: {} }), /certificate is not accepted/],
  [
    'a wrong password',
    () => ({
      sasl: { mechanism: 'scram-sha-256', username: 'admin', passwordFile: join(folder, 'rotating') },
    }),
    /[Aa]uthentication failed.*invalid credentials/,
  ],
]

for (const [what, settings, told] of REFUSED) {
  test(`with ${what} nobody comes in, and the reason is told`, async () => {
    const queue = connect('admin', settings())
    await assert.rejects(queue.partitions(named('packets')), (error: QueueError) => {
      assert.equal(error.reason, 'denied', error.message)
      assert.match(error.message, told)
      return true
    })
  })
}

test('a client that speaks plain text, or does not log in, is not served', async () => {
  const plain = connect('admin', { tls: undefined, sasl: undefined, requestTimeoutMs: 2000 })
  await assert.rejects(plain.partitions(named('packets')), isFault('unreachable'))
  const anonymous = connect('admin', { sasl: undefined, requestTimeoutMs: 2000 })
  await assert.rejects(anonymous.partitions(named('packets')))
})

test('F43: a password that is changed at the broker and in its file is used at the next connection', async () => {
  const queue = connect('picket-collector')
  const producer = await queue.producer()
  await producer.send(named('packets'), 0, texts(0, 1))
  await tls.setPassword('picket-collector', 'renewed')
  writeFileSync(join(folder, 'picket-collector'), 'renewed\n')
  await kafka.restart()
  await producer.send(named('packets'), 0, texts(0, 1))
  await producer.close()
})

test('F43: a password whose file comes late is only waited for', async () => {
  const queue = connect('picket-collector')
  const producer = await queue.producer()
  await producer.send(named('packets'), 1, texts(0, 1))
  await tls.setPassword('picket-collector', 'newest')
  await kafka.restart()
  const waiting = producer.send(named('packets'), 1, texts(1, 2))
  await assert.rejects(queue.partitions(named('packets')), isFault('denied'))
  writeFileSync(join(folder, 'picket-collector'), 'newest\n')
  await waiting
  await producer.close()
})

test('F43: brokers with a certificate of a new authority are trusted once our file names it, without a restart', async () => {
  const ca = join(folder, 'ca.pem')
  const renewed = makeAuthority(join(folder, 'renewed'))
  const queue = connect('admin', { tls: { ca } })
  writeFileSync(ca, readText(tls.authority.cert))
  const producer = await queue.producer()
  await producer.send(named('packets'), 2, texts(0, 1))
  tls.replaceCertificate(renewed)
  await kafka.restart()
  const waiting = producer.send(named('packets'), 2, texts(1, 2))
  await assert.rejects(queue.partitions(named('packets')), isFault('denied'))
  writeFileSync(ca, readText(renewed.cert))
  await waiting
  await producer.close()
})

test('a certificate for another host is refused', async () => {
  const renewed = makeAuthority(join(folder, 'misnamed'))
  tls.replaceCertificate(renewed, 'DNS:elsewhere.example')
  await kafka.restart()
  const queue = connect('admin', { tls: { ca: renewed.cert } })
  await assert.rejects(queue.partitions(named('packets')), (error: QueueError) => {
    assert.equal(error.reason, 'denied', error.message)
    assert.match(error.message, /127\.0\.0\.1/)
    return true
  })
})

test('brokers that ask for a certificate take ours, and nobody without one or with a stranger’s', async () => {
  const { cert: ca } = tls.authority
  tls.replaceCertificate(tls.authority)
  tls.requireCertificates()
  await kafka.restart()
  const ours = { ca, ...tls.authority.issue('client') }
  const file = configuration('admin', { tls: ours })
  const checked = await picket(['topics', 'check', '--config', file])
  assert.deepEqual([checked.status, checked.stderr], [0, ''])
  const stranger = makeAuthority(join(folder, 'strange')).issue('client')
  for (const presented of [{ ca }, { ca, ...stranger }]) {
    const queue = connect('admin', { tls: presented, requestTimeoutMs: 5_000 })
    await assert.rejects(queue.partitions(named('packets')), (error: QueueError) => {
      assert.equal(error.reason, 'denied', error.message)
      return true
    })
  }
})
