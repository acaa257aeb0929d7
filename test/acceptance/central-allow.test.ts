/**
 * The central allowlist all the way: from `picket allow add` over a real broker to the kernel of a host in a namespace, and what an old
 * or stolen signed ban can do then, with the responder gone.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import {
  candidates,
  type Enforcer,
  type EnforcerSettings,
  makeTool,
  startEnforcer,
} from '@picket/collector/enforcer'
import { Metrics, makeLogger, type Queue } from '@picket/runtime'
import { ALLOWLIST_KEY, signAllowlist, signBan } from '@picket/runtime/bans'
import { KafkaQueue } from '@picket/runtime/kafka'
import { MESSAGES } from '@picket/schemas/messages'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { Responding } from '../responding.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { sharedKafka, sharedRedis } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'

const NAMESPACE = `pkt-allow-${process.pid}`
const FOLDER = mkdtempSync(join(tmpdir(), 'picket-allow-'))
const made = spawnSync('ip', ['netns', 'add', NAMESPACE], { encoding: 'utf8' })
const hasNft = spawnSync('nft', ['--version']).status === 0
const skip = made.status === 0 && hasNft ? false : `no real firewall here: ${made.stderr ?? 'no ip'}`
const INSIDE = ['ip', 'netns', 'exec', NAMESPACE] as const

after(() => {
  spawnSync('ip', ['netns', 'del', NAMESPACE])
  rmSync(FOLDER, { recursive: true })
})

function blocked(): string {
  return spawnSync('ip', ['netns', 'exec', NAMESPACE, 'nft', 'list', 'table', 'inet', 'picket'], {
    encoding: 'utf8',
  }).stdout
}

async function startHost({ prefix, keys }: Responding, queue: Queue): Promise<Enforcer> {
  const [kernel] = candidates({ type: 'nftables' }, makeTool({ through: INSIDE }))
  assert.ok(kernel !== undefined)
  const settings: EnforcerSettings = {
    ...{
      reporter: 'web1',
      site: '',
      instance: 'enforcer-web1',
      version: '0',
      allow: [],
      peers: [],
      adminPorts: [22],
    },
    topics: { bans: `${prefix}.bans`, receipts: `${prefix}.receipts`, group: `${prefix}-enforcer-web1` },
    state: join(FOLDER, prefix),
    firewall: { type: 'nftables' },
    caps: { total: 1_000, perMinute: 1_000, widestV4: 24, widestV6: 64 },
    heartbeatSeconds: 1,
  }
  const log = makeLogger({ level: 'error', format: 'json' })
  const enforcer = await startEnforcer(settings, { queue, log, metrics: new Metrics(), keys, kernel })
  await waitUntil(() => enforcer.ready().ok, 'the enforcer to be ready')
  return enforcer
}

async function receipts(queue: Queue, topic: string): Promise<string> {
  const told: string[] = []
  for (let partition = 0; partition < (await queue.partitions(topic)); partition++) {
    const { start, end } = await queue.extent(topic, partition)
    for await (const { value } of queue.read(topic, partition, start, end)) {
      const read = MESSAGES.receipt.decode(value ?? new Uint8Array(0))
      if (!read.ok || read.value.ban === null) continue
      const { subject, outcome, why } = read.value.ban
      told.push(`${subject} ${outcome} ${why}`)
    }
  }
  return told.join('\n')
}

describe('the central allowlist', { skip }, () => {
  test('an entry reaches the kernel of every host, and there outlives responder, restart and any replay', async () => {
    const [kafka, redis] = await Promise.all([sharedKafka(), sharedRedis()])
    const admin = await KafkaAdmin.connect(kafka.address)
    const queue = new KafkaQueue(settingsFor(kafka.address))
    const place = { kafka: kafka.address, redis: redis.address, admin, queue, smtpPort: 9 }
    const response = await Responding.make(place)
    const topic = `${response.prefix}.bans`
    const told = (): Promise<string> => receipts(queue, `${response.prefix}.receipts`)
    const untilTold = (text: string): Promise<void> =>
      waitUntil(async () => (await told()).includes(text), text)
    response.responder.start('responder.allowlist-kept')
    await response.ready()
    await response.ask('bans', 'enable', '--yes')
    let host = await startHost(response, queue)
    try {
      await response.ask('ban', '198.51.100.7')
      await waitUntil(() => blocked().includes('198.51.100.7'), 'the ban in the kernel')

      // Killed between keeping the entry and publishing it: the next life publishes it.
      await assert.rejects(
        response.ask('allow', 'add', '198.51.100.0/28', '--comment', 'partner', '--for', '1h'),
      )
      assert.equal(await response.responder.ended(), 'SIGKILL')
      response.responder.start()
      await untilTold('allowlist applied 1 entries')
      await waitUntil(() => !/198\.51\.100\.7 timeout/.test(blocked()), 'the ban to be lifted')
      assert.match(blocked(), /198\.51\.100\.0\/28/, 'the kernel lets it through before any ban')
      assert.match(await response.ask('allow', 'list'), /198\.51\.100\.0\/28 .* partner/)

      // The responder is gone, and somebody has its key: only the hosts are left to say no.
      await response.responder.kill()
      const producer = await queue.producer()
      const now = Date.now()
      const wishes = [{ hosts: [], from: now, until: now + 600_000, why: 'stolen' }]
      const steal = async (subject: string, partition: number): Promise<void> => {
        const value = signBan({ subject, wishes, revision: (now + 5_000) * 1_000 }, response.key)
        await producer.send(topic, partition, [{ key: new TextEncoder().encode(subject), value }])
      }
      const older = signAllowlist({ entries: [], revision: 5 }, response.key)
      await producer.send(topic, 0, [{ key: new TextEncoder().encode(ALLOWLIST_KEY), value: older }])
      await untilTold('allowlist refused revision-old')
      await steal('198.51.100.8', 1)
      await untilTold('198.51.100.8 refused allowlisted-centrally: allowed by the fleet: partner')

      await host.stop()
      host = await startHost(response, queue)
      await steal('198.51.100.9', 1)
      await untilTold('198.51.100.9 refused allowlisted-centrally')
      await steal('198.51.100.99', 1)
      await waitUntil(() => blocked().includes('198.51.100.99'), 'whom nobody allows to be banned')
      assert.doesNotMatch(blocked(), /198\.51\.100\.[789] timeout/)
    } finally {
      await host.stop()
      await response.responder.stop()
      await Promise.all([queue.close(), admin.close()])
      await Promise.all([kafka.stop(), redis.stop()])
    }
  })
})
