/** SIGHUP at a responder, with a real broker, Redis and mail server: rules, channels and the allowlist change, or nothing does. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Producer, Queue } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { alertNumber, sendAlert } from '../fleet-messages.ts'
import { Responding } from '../responding.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { type SharedService, sharedKafka, sharedRedis } from '../services/shared.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'

let kafka: SharedService
let redis: SharedService
let smtp: Smtp
let admin: KafkaAdmin
let queue: Queue
let producer: Producer
let response: Responding

before(async () => {
  ;[kafka, redis, smtp] = await Promise.all([sharedKafka(), sharedRedis(), startSmtp()])
  admin = await KafkaAdmin.connect(kafka.address)
  queue = new KafkaQueue(settingsFor(kafka.address))
  producer = await queue.producer()
  const place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: smtp.port }
  response = await Responding.make(place, { mailBudget: { perHour: 100, digestAfter: 100 } })
})

after(async () => {
  await response?.responder.stop()
  await queue?.close()
  await admin?.close()
  await Promise.all([kafka?.stop(), redis?.stop(), smtp?.stop()])
})

test('a responder takes rules, channels and the allowlist anew at SIGHUP, and a faulty file not at all', async () => {
  const { responder, prefix } = response
  const { ops } = responder.section('channels') as { readonly ops: object }
  responder.start()
  await response.ready()
  await response.ask('bans', 'enable', '--yes')
  await sendAlert(producer, prefix, alertNumber(1))
  await responder.until(() => smtp.mails.length === 1, 'the first mail')
  assert.deepEqual(smtp.mails[0]?.to, ['admin@example.net'])
  assert.ok((await response.wished()).get('203.0.113.1')?.wishes.length === 1)

  responder.configure({ decisions: { rules: [{ nmae: 'x' }] }, mailBudget: { perHour: 0 } })
  responder.hangUp()
  await responder.until(() => responder.log.includes('the new configuration is refused'), 'the refusal')
  assert.match(responder.log, /nmae/)
  assert.match(responder.log, /mailBudget\.perHour/)
  await sendAlert(producer, prefix, alertNumber(2))
  await responder.until(() => smtp.mails.length === 2, 'a mail by the old rules')
  assert.match(smtp.mails[1]?.parsed.text ?? '', /Banned 203\.0\.113\.2/)

  responder.configure({
    allow: ['203.0.113.1'],
    mailBudget: { perHour: 100, digestAfter: 100 },
    channels: { night: { ...ops, to: ['night@example.net'] } },
    decisions: { rules: [{ name: 'told-only', when: { level: 3 }, tell: ['*'] }] },
    kafka: { ...(responder.section('kafka') as object), sessionTimeoutSeconds: 7 },
  })
  responder.hangUp()
  await responder.until(() => responder.log.includes('was read again and holds now'), 'the new one')
  assert.match(responder.log, /some sections change by a restart only/)
  const isLifted = async (): Promise<boolean> =>
    (await response.wished()).get('203.0.113.1')?.wishes.length === 0
  await responder.until(isLifted, 'the ban of the allowed to be lifted')
  await sendAlert(producer, prefix, alertNumber(3))
  await responder.until(() => smtp.mails.length === 3, 'a mail by the new rules')
  assert.deepEqual(smtp.mails[2]?.to, ['night@example.net'])
  assert.match(smtp.mails[2]?.parsed.text ?? '', /Nothing was banned\./)
})
