/**
 * F7, F32: a collector whose spool is full while the broker is away, and one whose host is flooded beside one that is not.
 *
 * The other faults of collectors are in its own tests and in acceptance/collector.test.ts: docs/reliability.md says which.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KafkaQueue } from '@picket/runtime/kafka'
import { MESSAGES } from '@picket/schemas/messages'
import { CollectorHost, differences, PARTITIONS, packetsOnTopic, total } from '../collector-host.ts'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { freePort } from '../services/free-port.ts'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName } from '../services/shared.ts'
import { TcpProxy } from '../services/tcp-proxy.ts'
import { waitUntil } from '../services/wait-until.ts'
import { all } from './oracle.ts'

let kafka: Kafka
let proxy: TcpProxy
let admin: KafkaAdmin
let queue: KafkaQueue

before(async () => {
  const port = await freePort()
  kafka = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}` } })
  proxy = await TcpProxy.start(port, kafka.port)
  admin = await KafkaAdmin.connect(`127.0.0.1:${port}`)
  queue = new KafkaQueue(settingsFor(`127.0.0.1:${port}`))
})

after(async () => {
  await queue?.close()
  await admin?.close()
  await proxy?.stop()
  await kafka?.stop()
})

async function makeTopics(): Promise<string> {
  const prefix = freshName('chaos')
  for (const topic of ['packets', 'receipts']) await admin.makeTopic(`${prefix}.${topic}`, PARTITIONS)
  return prefix
}

test('F7 a broker that is away for long: what the spool could hold arrives, what it could not is counted and said', async (t) => {
  const prefix = await makeTopics()
  const spool = { maxBytes: 2 ** 20, maxAgeDays: 7 }
  const host = new CollectorHost(`127.0.0.1:${proxy.port}`, prefix, { spool })
  t.after(() => host.end())
  const running = host.start()
  await waitUntil(
    () => running.log().includes('collector has started'),
    () => running.log(),
  )
  host.write(500)
  const arrived = async (): Promise<number> => (await numbersOnTopic(prefix)).packets
  await waitUntil(
    async () => (await arrived()) === 500,
    () => running.log(),
  )
  proxy.shut()
  for (let n = 0; n < 80 && !running.log().includes(DROPPED); n++) {
    host.write(1_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await waitUntil(
    () => running.log().includes(DROPPED),
    () => `it to be said that batches are dropped:\n${running.log()}`,
  )
  host.write(500)
  proxy.pass()
  const last = (host.packetsWritten - 1) % 65_536
  await waitUntil(
    async () => (await numbersOnTopic(prefix)).ids.has(last + 1),
    () => `the newest packet to arrive\n${running.log()}`,
  )
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, '0', running.log())
  const { packets, missing, doubled } = await numbersOnTopic(prefix)
  const dropped = [...running.log().matchAll(/"packets":(\d+)[^\n]*dropped/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
  t.diagnostic(`${host.packetsWritten} packets, ${packets} arrived, ${dropped} said to be dropped`)
  assert.equal(doubled, 0)
  assert.ok(missing > 0, 'the numbers have no gap')
  assert.equal(packets + dropped, host.packetsWritten)
})

const DROPPED = 'dropped'

interface Arrived {
  readonly packets: number
  /** Numbers of batches that never came. */
  readonly missing: number
  readonly doubled: number
  /** Of the packets' IP headers. */
  readonly ids: ReadonlySet<number>
}
