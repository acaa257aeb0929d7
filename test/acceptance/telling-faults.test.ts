/**
 * F36 and F38 with a real responder: what the mail server does, and registries that never answer, cost neither a mail nor its time.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type { Producer, Queue } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { alertNumber, sendAlert } from '../fleet-messages.ts'
import { Responding } from '../responding.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { type SharedService, sharedKafka, sharedRedis } from '../services/shared.ts'
import { Reply, type Smtp, startSmtp } from '../telling/smtp.ts'

let kafka: SharedService
let redis: SharedService
let admin: KafkaAdmin
let queue: Queue
let producer: Producer
let smtp: Smtp
const running: Responding[] = []
const closing: (() => unknown)[] = []

before(async () => {
  ;[kafka, redis, smtp] = await Promise.all([sharedKafka(), sharedRedis(), startSmtp()])
  admin = await KafkaAdmin.connect(kafka.address)
  queue = new KafkaQueue(settingsFor(kafka.address))
  producer = await queue.producer()
})

beforeEach(() => {
  smtp.mails.length = 0
  smtp.script = {}
})

after(async () => {
  for (const close of closing) close()
  await Promise.all(running.map(({ responder }) => responder.stop()))
  await queue?.close()
  await admin?.close()
  await Promise.all([kafka?.stop(), redis?.stop(), smtp?.stop()])
})

async function newResponse(sections: Readonly<Record<string, unknown>> = {}): Promise<Responding> {
  const place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: smtp.port }
  const responding = await Responding.make(place, sections)
  running.push(responding)
  responding.responder.start()
  await responding.ready()
  return responding
}

/** Takes every connection and says nothing, ever. */
async function mute(): Promise<{ port: number; asked: Socket[] }> {
  const asked: Socket[] = []
  const server = createServer((socket) => {
    asked.push(socket.on('error', () => undefined))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of asked) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

test('F38 with a whois that takes the question and never answers, and no DNS, the mail leaves all the same and says so', async () => {
  const whois = await mute()
  const response = await newResponse({
    enrichment: {
      dns: { servers: [`127.0.0.1:${whois.port}`] },
      whois: { server: '127.0.0.1', port: whois.port, allow: ['127.0.0.0/8'] },
    },
  })
  const { incident, ...alert } = alertNumber(1)
  const source = '45.77.1.2'
  await sendAlert(producer, response.prefix, {
    ...alert,
    incident: { ...incident, source, prefix: `${source}/32` },
  })
  await response.responder.until(() => smtp.mails.length === 1, 'the mail')
  assert.ok(whois.asked.length > 0, 'nobody asked whois: the test shows nothing')
  assert.match(smtp.mails[0]?.parsed.text ?? '', /45\.77\.1\.2/)
  assert.match(smtp.mails[0]?.parsed.text ?? '', /whois[^\n]*(no answer|not known|did not answer|missing)/i)
})

test('F36 a mail server that puts a mail off twice gets it in the end, once, under its one Message-ID', async () => {
  const response = await newResponse()
  const before = smtp.received
  let puttings = 2
  smtp.script = {
    data: () => (puttings-- > 0 ? new Reply(451, '4.3.0 try again later') : undefined),
  }
  await sendAlert(producer, response.prefix, alertNumber(3))
  await response.responder.until(() => smtp.mails.length === 1, 'the mail')
  assert.equal(smtp.received - before, 3)
  const again = await sendAndSettle(response, 4)
  assert.deepEqual(
    again.map(({ parsed }) => parsed.messageId),
    ['<alert.0000000000000003@example.net>', '<alert.0000000000000004@example.net>'],
  )
})

test('F36 a mail server that refuses for good costs a dead letter and a page elsewhere, and the next mail is tried', async () => {
  const heard: string[] = []
  const pager = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text)
      socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    })
  }).listen(0, '127.0.0.1')
  await once(pager, 'listening')
  closing.push(() => pager.close())
  const { port } = pager.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const response = await newResponse({
    channels: {
      ops: {
        type: 'mail',
        from: 'picket@example.net',
        to: ['admin@example.net'],
        host: '127.0.0.1',
        port: smtp.port,
        insecure: true,
      },
      pager: { type: 'webhook', url, insecure: true, allow: ['127.0.0.1'] },
    },
    decisions: { rules: [{ name: 'serious', when: { level: 3 }, tell: ['ops'] }] },
  })
  smtp.script = { data: () => new Reply(554, '5.7.1 we want none of this') }
  await sendAlert(producer, response.prefix, alertNumber(5))
  await response.responder.until(() => heard.join('').includes('refused a notice for good'), 'the page')
  assert.match(response.responder.log, /554 5\.7\.1 we want none of this/)
  smtp.script = {}
  const mails = await sendAndSettle(response, 6)
  assert.deepEqual(
    mails.map(({ parsed }) => parsed.messageId),
    ['<alert.0000000000000006@example.net>'],
  )
})

/** The mails there are when that of the next alert has come. */
async function sendAndSettle({ prefix, responder }: Responding, number: number): Promise<typeof smtp.mails> {
  const before = smtp.mails.length
  await sendAlert(producer, prefix, alertNumber(number))
  await responder.until(() => smtp.mails.length > before, `the mail of ${number}`)
  return smtp.mails
}
