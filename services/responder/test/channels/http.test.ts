import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import type { Notice, Sent } from '../../src/index.ts'
import { type ChannelSettings, openChannel, type WebhookSettings } from '../../src/main.ts'
import { noticeOf } from '../tell/notices.ts'
import { endlessBody, HttpServer } from './http-server.ts'
import { waitUntil } from './wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-http-'))
const server = new HttpServer()
before(() => server.start())
after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  server.requests.length = 0
  server.respond = (response) => void response.writeHead(202).end('taken')
})

const HTTP = { allow: ['127.0.0.1'], insecure: true, timeoutSeconds: 10 }

function webhook(settings: Partial<WebhookSettings> = {}): Promise<Sent> {
  return send({ type: 'webhook', url: server.url, ...HTTP, ...settings })
}

function send(settings: ChannelSettings, notice: Notice = noticeOf()): Promise<Sent> {
  return openChannel('hook', settings, '0.1.0').send(notice)
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('a webhook gets a CloudEvent, and its answer is told', async () => {
  assert.deepEqual(await webhook(), { ok: true, answer: 'HTTP 202 taken' })
  const [request] = server.requests
  assert.equal(request?.headers['content-type'], 'application/cloudevents+json; charset=utf-8')
  assert.equal(JSON.parse(request?.body ?? '').id, 'fedcba9876543210')
})

test('the signature of a webhook is what openssl makes of id, time and body', async () => {
  const key = randomBytes(32)
  const secretFile = file('secret', `whsec_${key.toString('base64')}\n`)
  const tokenFile = file('token', 'tok-1\n')
  assert.ok((await webhook({ secretFile, tokenFile })).ok)
  const { headers, body } = server.requests[0] ?? assert.fail()
  const seconds = String(headers['webhook-timestamp'])
  assert.ok(Math.abs(Number(seconds) - Date.now() / 1_000) < 60)
  assert.equal(headers['webhook-id'], 'fedcba9876543210')
  assert.equal(headers['authorization'], 'Bearer tok-1')
  const mac = execFileSync(
    'openssl',
    ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key.toString('hex')}`, '-binary'],
    { input: `fedcba9876543210.${seconds}.${body}` },
  )
  assert.equal(headers['webhook-signature'], `v1,${mac.toString('base64')}`)
})

test('an id that is no header still makes a signed request', async () => {
  const secretFile = file('secret', `whsec_${randomBytes(32).toString('base64')}`)
  const channel = openChannel('hook', { type: 'webhook', url: server.url, secretFile, ...HTTP }, '0.1.0')
  assert.ok((await channel.send({ ...noticeOf(), id: 'a.b\r\nx: y' })).ok)
  assert.equal(server.requests[0]?.headers['webhook-id'], 'a_b__x__y')
})

test('F43 a secret that cannot be read, or is none, sends nothing and waits to be mended', async () => {
  for (const secretFile of [
    join(folder, 'none'),
    file('empty', '\n'),
    file('short', 'whsec_AAAA'),
    file('bare', 'AAAA'),
  ]) {
    const sent = await webhook({ secretFile })
    assert.ok(!sent.ok && sent.reason === 'misconfigured' && sent.retryable, JSON.stringify(sent))
  }
  assert.equal(server.requests.length, 0)
})

test('F37 429 and 5xx can be tried again, after the time that was asked for; other refusals cannot', async () => {
  server.respond = (response) => void response.writeHead(429, { 'retry-after': '17' }).end('slow down')
  const busy = { ok: false, reason: 'busy', retryable: true }
  assert.deepEqual(await webhook(), { ...busy, why: 'HTTP 429 slow down', afterMs: 17_000 })
  server.respond = (response) => void response.writeHead(500).end('oops')
  assert.deepEqual(await webhook(), { ...busy, why: 'HTTP 500 oops' })
  server.respond = (response) => void response.writeHead(400).end('bad key')
  assert.deepEqual(await webhook(), {
    ok: false,
    reason: 'refused',
    retryable: false,
    why: 'HTTP 400 bad key',
  })
})

test('F37 a redirect is not followed, wherever it leads', async () => {
  const inner = await new HttpServer().start()
  server.respond = (response) => void response.writeHead(307, { location: inner.url }).end()
  const sent = await webhook()
  assert.ok(!sent.ok && sent.reason === 'refused' && /redirects are not followed/.test(sent.why))
  assert.equal(inner.requests.length, 0)
  await inner.stop()
})

test('F37 a server that hangs is left in time, and can be tried again', async () => {
  server.respond = () => {}
  const sent = await webhook({ timeoutSeconds: 0.2 })
  assert.ok(!sent.ok && sent.reason === 'timed-out' && sent.retryable)
})

test('F37 of an endless answer only the beginning is read, and its status counts', async () => {
  for (const status of [200, 500]) {
    const poured = { bytes: 0, closed: false }
    server.respond = endlessBody(status, poured)
    const sent = await webhook()
    assert.equal(sent.ok, status === 200)
    await waitUntil(() => poured.closed, 'the connection to be closed')
    // What the socket buffers of both sides hold, but no more
    assert.ok(poured.bytes < 32 * 1_048_576, String(poured.bytes))
  }
})

test('F37 an answer that drips does not hold a notice once its status is known', async () => {
  server.respond = (response) => void response.writeHead(200).write('a')
  const sent = await webhook({ timeoutSeconds: 30 })
  assert.deepEqual(sent, { ok: true, answer: 'HTTP 200 a' })
})

test('a connection that breaks, or is refused, can be tried again', async () => {
  server.respond = (response) => void response.destroy()
  const broken = await webhook()
  assert.ok(!broken.ok && broken.reason === 'unreachable' && broken.retryable)
  const gone = await new HttpServer().start()
  const { url } = gone
  await gone.stop()
  const refused = await webhook({ url })
  assert.ok(!refused.ok && refused.reason === 'unreachable' && refused.retryable)
})

test('nothing is sent to what is not public, however it is written, unless its network is allowed', async () => {
  const { port } = server
  for (const host of [
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `2130706433:${port}`,
    `0x7f.1:${port}`,
    `localhost:${port}`,
    '169.254.169.254',
    '10.0.0.1',
  ]) {
    const sent = await webhook({ url: `http://${host}/`, allow: [] })
    assert.ok(!sent.ok, host)
    assert.deepEqual([sent.reason, sent.retryable], ['forbidden-address', false], `${host}: ${sent.why}`)
  }
  const other = await webhook({ allow: ['10.0.0.0/8'] })
  assert.ok(!other.ok && other.reason === 'forbidden-address')
  assert.equal(server.requests.length, 0)
  assert.ok((await webhook({ url: `http://localhost:${port}/`, allow: ['127.0.0.0/8'] })).ok)
})

test('plain http has to be asked for', async () => {
  const sent = await webhook({ insecure: false })
  assert.ok(!sent.ok && sent.reason === 'misconfigured' && /insecure: true/.test(sent.why))
  assert.equal(server.requests.length, 0)
})

test('a server that speaks no TLS where TLS is wanted is not trusted', async () => {
  const sent = await webhook({ url: server.url.replace('http:', 'https:'), insecure: false })
  assert.ok(!sent.ok && sent.reason === 'untrusted' && sent.retryable, JSON.stringify(sent))
})

test('Slack is posted to the address in its file, which no message of ours shows', async () => {
  const urlFile = file('slack', `${server.url}/T0/B0/secret\n`)
  assert.ok((await send({ type: 'slack', urlFile, ...HTTP })).ok)
  assert.equal(server.requests[0]?.path, '/hook/T0/B0/secret')
  assert.match(JSON.parse(server.requests[0]?.body ?? '').text, /^level 3: /)
  server.respond = () => {}
  for (const settings of [{ allow: [] }, { insecure: false }, { timeoutSeconds: 0.2 }]) {
    const sent = await send({ type: 'slack', urlFile, ...HTTP, ...settings })
    assert.ok(!sent.ok && !sent.why.includes('secret'), JSON.stringify(sent))
  }
})

test('PagerDuty opens and closes a page with the key from its file', async () => {
  const routingKeyFile = file('key', `${'a'.repeat(32)}\n`)
  const settings = { type: 'pagerduty', url: server.url, routingKeyFile, ...HTTP } as const
  assert.ok((await send(settings)).ok)
  assert.ok((await send(settings, noticeOf({ kind: 'resolve' }))).ok)
  const events = server.requests.map(({ body }) => JSON.parse(body))
  assert.deepEqual(
    events.map(({ event_action, dedup_key, routing_key }) => [event_action, dedup_key, routing_key]),
    [
      ['trigger', '0123456789abcdef', 'a'.repeat(32)],
      ['resolve', '0123456789abcdef', 'a'.repeat(32)],
    ],
  )
})

test('an alert is posted again while its incident lasts, changes its severity by ending the old one, and ends', async () => {
  const settings = { type: 'alertmanager', url: server.url, resendSeconds: 0.1, ...HTTP } as const
  const channel = openChannel('am', settings, '0.1.0')
  try {
    assert.ok((await channel.send(noticeOf())).ok)
    await waitUntil(() => server.requests.length >= 3, 'two more posts')
    assert.equal(server.requests[2]?.path, '/hook/api/v2/alerts')
    assert.ok((await channel.send(noticeOf({ kind: 'update', incident: { level: 5 } }))).ok)
    const change = server.requests.map(({ body }) => JSON.parse(body)).find((alerts) => alerts.length === 2)
    assert.deepEqual(
      change.map(({ labels }: { labels: { severity: string } }) => labels.severity),
      ['warning', 'critical'],
    )
    assert.ok(Date.parse(change[0].endsAt) <= Date.now())
    assert.ok((await channel.send(noticeOf({ kind: 'resolve', incident: { level: 5 } }))).ok)
    const ended = JSON.parse(server.requests.at(-1)?.body ?? '')
    assert.equal(ended.length, 1)
    assert.ok(Date.parse(ended[0].endsAt) <= Date.now())
  } finally {
    await channel.close()
  }
})
