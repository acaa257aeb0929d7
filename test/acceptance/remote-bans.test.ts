/**
 * Bans by hand from another machine, with a real broker, Redis, certificates and responder.
 */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KafkaQueue } from '@picket/runtime/kafka'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { type Ended, picket } from '../picket.ts'
import { type Place, Responding } from '../responding.ts'
import { makeAuthority } from '../services/certificates.ts'
import { freePort } from '../services/free-port.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { type SharedService, sharedKafka, sharedRedis } from '../services/shared.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'picket-remote-'))

let services: readonly SharedService[] = []
let place: Place
let running: Responding | undefined

before(async () => {
  const [kafka, redis] = await Promise.all([sharedKafka(), sharedRedis()])
  services = [kafka, redis]
  const queue = new KafkaQueue(settingsFor(kafka.address))
  const admin = await KafkaAdmin.connect(kafka.address)
  // Nobody is mailed here.
  place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: 9 }
})

after(async () => {
  await running?.responder.stop()
  await place?.queue.close()
  await place?.admin.close()
  await Promise.all(services.map((service) => service.stop()))
  rmSync(FOLDER, { recursive: true })
})

test('bans by hand from another machine: over TLS with a token, whose name stays with the ban; not of the address that asks', async () => {
  const authority = makeAuthority(FOLDER)
  const { cert, key } = authority.issue('responder')
  chmodSync(key, 0o600)
  const tokens = join(FOLDER, 'tokens')
  const token = async (name: string, ...flags: readonly string[]): Promise<string> => {
    const path = join(FOLDER, `${name}.token`)
    const made = await picket(['keys', 'token', name, '--tokens', tokens, ...flags])
    assert.equal(made.status, 0, made.stderr)
    writeFileSync(path, made.stdout, { mode: 0o600 })
    return path
  }
  const [alice, reader] = [await token('alice'), await token('reader', '--read')]
  const port = await freePort()
  const listen = { listen: `127.0.0.1:${port}`, cert, key, tokens }
  const response = await Responding.make(place, { responder: { heartbeat: 1, remote: listen } })
  running = response
  response.responder.start()
  await response.ready()
  const ask = (tokenFile: string, ...args: readonly string[]): Promise<Ended> => {
    const place = ['--responder', `localhost:${port}`, '--token-file', tokenFile, '--ca', authority.cert]
    return picket([...args, ...place])
  }
  assert.match((await ask(alice, 'bans', 'enable', '--yes')).stdout, /bans are enabled/)
  assert.match((await ask(alice, 'ban', '198.51.100.7', '--why', 'noise')).stdout, /^banned 198\.51\.100\.7/)
  assert.match((await ask(reader, 'bans')).stdout, /198\.51\.100\.7 .* noise \(by alice\)/)
  assert.equal((await response.wished()).get('198.51.100.7')?.wishes[0]?.why, 'noise (by alice)')
  assert.match((await ask(reader, 'unban', '--all')).stderr, /may only read/)
  // Special addresses are never banned anyway; what is asked first is whether they are the caller's own.
  assert.match(
    (await ask(alice, 'ban', '127.0.0.0/8')).stderr,
    /holds the address that you ask from \(127\.0\.0\.1\)/,
  )
  process.env['SSH_CONNECTION'] = '198.51.100.99 50000 10.0.0.5 22'
  const own = await ask(alice, 'ban', '198.51.100.99')
  delete process.env['SSH_CONNECTION']
  assert.match(own.stderr, /the address that you are logged in from \(198\.51\.100\.99\)/)
  assert.match(
    (await ask(alice, 'allow', 'add', '192.0.2.0/28')).stdout,
    /allowed 192\.0\.2\.0\/28 {2}\(by alice\)/,
  )
  const status = await ask(reader, 'status', '--json')
  assert.equal(
    (JSON.parse(status.stdout) as { fleet: { responder: { healthy: boolean } } }).fleet.responder.healthy,
    true,
  )
  await picket(['keys', 'token', 'alice', '--revoke', '--tokens', tokens])
  assert.match((await ask(alice, 'bans')).stderr, /does not know this token/)
})
