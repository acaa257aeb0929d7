/**
 * The collector against a real broker: what stands on the topic is what stands in the log, as multisets, whatever dies.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { QueueError } from '@picket/runtime'
import { KafkaQueue } from '@picket/runtime/kafka'
import {
  CollectorHost,
  differences,
  PARTITIONS,
  type Packets,
  packetsOnTopic,
  type Running,
  total,
} from '../collector-host.ts'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'

const STEPS = ['read', 'appended', 'fsynced', 'sending', 'sent', 'acknowledged', 'marked'] as const

let kafka: Kafka
let admin: KafkaAdmin

before(async () => {
  kafka = await startKafka()
  admin = await KafkaAdmin.connect(kafka.address)
})

after(async () => {
  await admin?.close()
  await kafka?.stop()
})

interface Bench {
  readonly host: CollectorHost
  readonly queue: KafkaQueue
  readonly topic: string
  /** Once all of the log is on the topic: compares, and ends all. */
  finish(last: Running): Promise<void>
}

async function bench(t: { after(end: () => unknown): void }): Promise<Bench> {
  const prefix = freshName('collector')
  const topic = await admin.makeTopic(`${prefix}.packets`, PARTITIONS)
  await admin.makeTopic(`${prefix}.receipts`, PARTITIONS)
  const host = new CollectorHost(kafka.address, prefix)
  const queue = new KafkaQueue(settingsFor(kafka.address))
  t.after(async () => {
    host.end()
    await queue.close()
  })
  const finish = async (last: Running): Promise<void> => {
    const expected = host.packetsInLog()
    let found: Packets = new Map()
    const look = async (): Promise<boolean> => {
      try {
        found = await packetsOnTopic(queue, topic)
      } catch (error) {
        // A broker that has just come back does not lead its partitions yet.
        if (!(error instanceof QueueError && error.retryable)) throw error
      }
      return total(found) >= total(expected)
    }
    await waitUntil(look, () => `${total(expected)} packets, but there are ${total(found)}\n${last.log()}`)
    last.child.kill('SIGTERM')
    assert.equal(await last.ended, '0', last.log())
    found = await packetsOnTopic(queue, topic)
    assert.deepEqual(differences(expected, found).slice(0, 5), [])
  }
  return { host, queue, topic, finish }
}

/** One life without lines: files that were rotated before it ever looked are none of its business. */
async function firstLife(host: CollectorHost): Promise<void> {
  const first = host.start()
  await waitUntil(
    () => first.log().includes('collector has started'),
    () => `it to start\n${first.log()}`,
  )
  first.child.kill('SIGTERM')
  await first.ended
}

/** Within it it comes to the step at which it dies, on a busy machine too. */
const DIES_MS = 120_000

async function writeUntilDead(host: CollectorHost, running: Running, rotateEvery: number): Promise<string> {
  let signal = ''
  void running.ended.then((how) => {
    signal = how
  })
  const deadline = performance.now() + DIES_MS
  for (let n = 1; signal === ''; n++) {
    host.write(20)
    if (n % rotateEvery === 0) host.rotate()
    await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(performance.now() < deadline, `it never died\n${running.log()}`)
  }
  return signal
}

test('killed between any two steps, over rotations, it sends every packet and none as two', async (t) => {
  const { host, finish } = await bench(t)
  await firstLife(host)
  for (const [at, step] of STEPS.entries()) {
    const running = host.start(`collector.${step}:${at + 1}`)
    assert.equal(await writeUntilDead(host, running, 60), 'SIGKILL', step)
  }
  host.write(100)
  await finish(host.start())
})

test('while the broker is away it reads on, and all of it arrives when the broker is back', async (t) => {
  const { host, finish } = await bench(t)
  const running = host.start()
  host.write(500)
  await waitUntil(() => spoolBytes(host) > 0, 'a spool')
  await kafka.kill()
  for (let n = 0; n < 100; n++) {
    host.write(200)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  host.rotate()
  host.write(500)
  const memory = rssOf(running)
  t.diagnostic(`${spoolBytes(host)} bytes in the spool, ${memory} MB in memory`)
  await kafka.start()
  await finish(running)
})

test('a collector that ends while the broker is away ends within ten seconds, and the next one sends it all', async (t) => {
  const { host, finish } = await bench(t)
  await firstLife(host)
  await kafka.kill()
  const running = host.start()
  await waitUntil(
    () => running.log().includes('collector has started'),
    () => running.log(),
  )
  host.write(2_000)
  await waitUntil(() => spoolBytes(host) > 50_000, 'the lines to be in the spool')
  const began = performance.now()
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, '0', running.log())
  t.diagnostic(`ended within ${Math.round(performance.now() - began)} ms`)
  await kafka.start()
  await finish(host.start())
})

function spoolBytes(host: CollectorHost): number {
  const folder = join(host.folder, 'state', 'spool')
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('segment-'))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  } catch {
    return 0
  }
}

function rssOf({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}
