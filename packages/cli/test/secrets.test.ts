/**
 * Secrets: each stands in a file of its own, and nothing that any command prints holds it, whatever goes wrong.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { Folder, MAIN, picket } from './picket.ts'

const folder = new Folder()
/** Whoever is asked for anything gets no answer worth the name. */
const rude = createServer((socket) => socket.on('error', () => undefined).end('no\r\n'))
const PLANTED = ['mail', 'webhook', 'slack', 'pager', 'kafka', 'redis', 'token', 'key'].map(
  (name) => `planted-${name}-c2VjcmV0`,
)
let config = ''

before(async () => {
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve))
  const { port } = rude.address() as { port: number }
  const secret = (name: string, text: string = planted(name)): string => {
    const path = folder.file(name, `${text}\n`)
    chmodSync(path, 0o600)
    return path
  }
  const here = { insecure: true, allow: ['127.0.0.1'] }
  const channels = {
    mail: {
      ...{ type: 'mail', from: 'picket@example.net', to: ['admin@example.net'], host: '127.0.0.1', port },
      ...{ username: 'picket', passwordFile: secret('mail') },
    },
    webhook: { type: 'webhook', url: `http://127.0.0.1:${port}/`, ...here, secretFile: secret('webhook') },
    slack: {
      type: 'slack',
      ...here,
      urlFile: secret('slack', `http://127.0.0.1:${port}/${planted('slack')}`),
    },
    pager: { type: 'pagerduty', url: `http://127.0.0.1:${port}/`, ...here, routingKeyFile: secret('pager') },
  }
  const sasl = { username: 'picket', passwordFile: secret('kafka') }
  config = folder.file(
    'picket.yaml',
    JSON.stringify({
      ...{
        channels,
        state: `${folder.path}/state`,
        metrics: { enabled: false },
        log: { level: 'debug', format: 'json' },
      },
      kafka: { brokers: [`127.0.0.1:${port}`], sasl, requestTimeoutSeconds: 1 },
      redis: { url: `redis://127.0.0.1:${port}`, username: 'picket', passwordFile: secret('redis') },
      bans: { key: secret('key') },
      remote: { responder: `127.0.0.1:${port}`, tokenFile: secret('token') },
    }),
  )
})

after(() => {
  rude.close()
  folder.remove()
})

function planted(name: string): string {
  return PLANTED.find((text) => text.startsWith(`planted-${name}-`)) ?? assert.fail(name)
}

function holdsNone(text: string, what: string): void {
  for (const secret of PLANTED) {
    assert.ok(!text.includes(secret), `${what} shows ${secret}`)
    assert.ok(!text.includes(Buffer.from(secret).toString('base64')), `${what} shows ${secret} in base64`)
  }
}

test('no command that reads the configuration shows what the files of secrets hold', async () => {
  for (const args of [
    ['config', 'show'],
    ['config', 'show', '--json'],
    ['config', 'check'],
  ]) {
    const { status, stdout, stderr } = await picket([...args, '--config', config])
    assert.equal(status, 0, stderr)
    holdsNone(stdout + stderr, args.join(' '))
  }
})

test('no failure to use a secret shows it: not to a server that makes no sense, not in a key that is none', async () => {
  const commands = [
    ...['mail', 'webhook', 'slack', 'pager'].map((name) => ['notify', 'test', name, '--json']),
    ['bans'],
    ['status'],
  ]
  for (const args of commands) {
    const { status, stdout, stderr } = await picket([...args, '--config', config], '', { PICKET_DEBUG: '1' })
    assert.notEqual(status, 0, args.join(' '))
    assert.doesNotMatch(stderr, /has faults/)
    assert.match(stdout + stderr, /mail|hook|slack|pager|hung up/)
    holdsNone(stdout + stderr, args.join(' '))
  }
  const { stdout, stderr } = await picket([
    'keys',
    'show',
    '--private',
    `${folder.path}/key`,
    '--folder',
    folder.path,
  ])
  assert.match(stderr, /holds no private key/)
  holdsNone(stdout + stderr, 'keys show')
})

test('a process of the fleet that cannot log in anywhere says so at its most talkative, and shows no password', async () => {
  for (const [service, says] of [
    ['collector', /broker|kafka/i],
    ['detector', /redis|broker|kafka/i],
  ] as const) {
    const child = spawn(process.execPath, [MAIN, service, '--config', config], {
      env: { PATH: process.env['PATH'] },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    const ended = new Promise((resolve) => child.on('close', resolve))
    const deadline = performance.now() + 60_000
    while (!says.test(said) && child.exitCode === null) {
      assert.ok(performance.now() < deadline, `${service} said only: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    child.kill('SIGTERM')
    await ended
    assert.match(said, says)
    assert.doesNotMatch(said, /has faults/)
    holdsNone(said, service)
  }
})
