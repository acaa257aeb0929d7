/**
 * F7: a collector whose spool is full while the broker is away.
 *
 * The other faults of collectors are in its own tests and in acceptance/collector.test.ts: docs/reliability.md says which.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KafkaQueue } from '@picket/runtime/kafka'
import { CollectorHost, PARTITIONS, type Packets, packetsOnTopic, total } from '../collector-host.ts'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { freePort } from '../services/free-port.ts'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName } from '../services/shared.ts'
import { TcpProxy } from '../services/tcp-proxy.ts'
import { waitUntil } from '../services/wait-until.ts'

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
  const said = (): string => running.log()
  await waitUntil(() => said().includes('collector has started'), said)
  host.write(500)
  await waitUntil(async () => total((await arrived(prefix)).packets) === total(host.packetsInLog()), said)
  proxy.shut()
  for (let n = 0; n < 200 && !said().includes(DROPPED); n++) {
    host.write(1_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await waitUntil(() => said().includes(DROPPED), said)
  host.write(500)
  proxy.pass()
  const written = host.packetsInLog()
  const newest = [...written.keys()].at(-1) ?? ''
  await waitUntil(async () => (await arrived(prefix)).packets.has(newest), said)
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, '0', said())
  const { packets, missing } = await arrived(prefix)
  t.diagnostic(`of ${total(written)} packets ${total(packets)} arrived, ${droppedBy(said())} were dropped`)
  assert.deepEqual(tooMany(written, packets), [])
  assert.ok(missing > 0, 'the numbers of batches have no gap')
  assert.equal(total(packets) + droppedBy(said()), total(written))
})

const DROPPED = 'its oldest batches are dropped'

/** As it was told, line by line. */
function droppedBy(log: string): number {
  const lines = log.split('\n').filter((line) => line.includes(DROPPED))
  return lines.reduce((sum, line) => sum + Number(/"packets":(\d+)/.exec(line)?.[1] ?? 0), 0)
}

function tooMany(written: Packets, found: Packets): string[] {
  return [...found].filter(([packet, count]) => count > (written.get(packet) ?? 0)).map(([packet]) => packet)
}

/** With the count of numbers that never came. */
async function arrived(prefix: string): Promise<{ packets: Packets; missing: number }> {
  let missing = 0
  const packets = await packetsOnTopic(queue, `${prefix}.packets`, (gap) => {
    missing += gap
  })
  return { packets, missing }
}
