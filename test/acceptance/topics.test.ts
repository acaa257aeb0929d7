import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { checkTopics, DEFAULT_TOPICS, type QueueError } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { type Ended, picket } from '../picket.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName, type SharedService, sharedKafka } from '../services/shared.ts'

let kafka: SharedService
let admin: KafkaAdmin
let folder: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-topics-'))
  kafka = await sharedKafka()
  admin = await KafkaAdmin.connect(kafka.address)
})

after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await admin?.close()
  await kafka?.stop()
})

const topics = (prefix: string, args: readonly string[], more: object = {}): Promise<Ended> => {
  const file = join(folder, `${prefix}.yaml`)
  writeFileSync(file, JSON.stringify({ kafka: { brokers: [kafka.address], prefix, ...more } }))
  return picket(['topics', ...args, '--config', file])
}

test('apply makes the topics of a fleet once, and check finds them as they should be', async () => {
  const prefix = freshName('fleet')
  const dry = await topics(prefix, ['apply', '--dry-run'])
  assert.match(dry.stdout, new RegExp(`^would be made: ${prefix}.packets \\(12 partitions, 1 copy\\)$`, 'm'))
  const missing = await topics(prefix, ['check'])
  assert.equal(missing.status, 1)
  assert.match(missing.stdout, new RegExp(`${prefix}.dead-letters is missing .*; run "picket topics apply"`))
  const made = await topics(prefix, ['apply'])
  assert.deepEqual([made.status, made.stderr], [0, ''])
  assert.equal(made.stdout.match(/^made: /gm)?.length, 6)
  const check = await topics(prefix, ['check'])
  assert.deepEqual([check.status, check.stdout], [0, '6 topics: well\n'])
  const again = await topics(prefix, ['apply'])
  assert.equal(again.stdout.match(/^as it should be: /gm)?.length, 6)
})

test('apply sets what differs and leaves alone what somebody else has set', async () => {
  const prefix = freshName('fleet')
  const own = { 'retention.ms': '1000', 'message.timestamp.type': 'CreateTime', 'retention.bytes': '5000000' }
  await admin.makeTopic(`${prefix}.alerts`, 12, own)
  const check = await topics(prefix, ['check', '--json'])
  const { differences } = JSON.parse(check.stdout) as { differences: { topic: string; what: string }[] }
  const ofAlerts = differences.filter(({ topic }) => topic === `${prefix}.alerts`).map(({ what }) => what)
  for (const what of ['retention.ms', 'message.timestamp.type']) assert.ok(ofAlerts.includes(what), what)
  const applied = await topics(prefix, ['apply'])
  assert.match(applied.stdout, new RegExp(`set: ${prefix}.alerts: retention.ms from 1000 to 2592000000`))
  assert.equal((await topics(prefix, ['check'])).status, 0)
  assert.equal((await admin.configOf(`${prefix}.alerts`))['retention.bytes'], '5000000')
})

test('a wrong number of partitions is never changed: apply and check say so, and a process does not start', async () => {
  const prefix = freshName('fleet')
  await admin.makeTopic(`${prefix}.packets`, 5)
  const applied = await topics(prefix, ['apply'])
  assert.equal(applied.status, 1)
  assert.match(
    applied.stdout,
    /^not changed: .*packets: partitions is 5, not 12; .*set kafka.partitions to 5/m,
  )
  assert.equal((await topics(prefix, ['check'])).status, 1)
  assert.equal((await topics(prefix, ['check'], { partitions: { packets: 5 } })).status, 0)
  const queue = new KafkaQueue(settingsFor(kafka.address))
  const settings = { ...DEFAULT_TOPICS, prefix }
  await checkTopics(queue, settings, ['alerts', 'bans'])
  await assert.rejects(checkTopics(queue, settings, ['packets']), (error: QueueError) => {
    assert.deepEqual([error.reason, error.retryable], ['broken', false])
    assert.match(error.message, /has 5 partitions, not 12/)
    return true
  })
  await assert.rejects(
    checkTopics(queue, { ...settings, prefix: 'nobody' }, ['packets']),
    (error: QueueError) => {
      assert.equal(error.reason, 'no-topic')
      assert.match(error.message, /run "picket topics apply"/)
      return true
    },
  )
  await queue.close()
})

test('brokers that are away are told in one line', async () => {
  const away = await topics(freshName('fleet'), ['check'], { brokers: ['127.0.0.1:1'] })
  assert.equal(away.status, 2)
  assert.match(away.stderr, /^picket: kafka: looking at .*ECONNREFUSED 127.0.0.1:1\n$/)
})

test('acl prints the rights of each process, for whom it is told', async () => {
  const printed = await topics('picket', ['acl', '--principal', 'collector=User:edge'])
  const lines = printed.stdout.trimEnd().split('\n')
  assert.deepEqual(
    lines.filter((line) => line.includes('User:edge')),
    [
      "--add --allow-principal 'User:edge' --operation Write --topic 'picket.packets'",
      "--add --allow-principal 'User:edge' --operation Write --topic 'picket.receipts'",
      "--add --allow-principal 'User:edge' --operation IdempotentWrite --cluster",
    ],
  )
  assert.ok(
    lines.includes(
      "--add --allow-principal 'User:picket-responder' --operation Read --group 'picket-responder'",
    ),
  )
  assert.ok(
    lines.includes(
      "--add --allow-principal 'User:picket-enforcer' --operation Read --group 'picket-enforcer-' --resource-pattern-type prefixed",
    ),
  )
  const wrong = await topics('picket', ['acl', '--principal', 'edge'])
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /must be ROLE=TYPE:NAME/)
})
