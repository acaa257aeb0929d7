import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { QueueError } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { eventually } from '../sources/reading.ts'
import { Collecting, PARTITIONS, trace } from './collecting.ts'
import { sentTo } from './file-queue.ts'
import { batchesIn, total } from './packets-of.ts'

const LINES = [
  ...trace('nmap-syn-1000.log'),
  ...trace('benign-late-web.log'),
  ...trace('nmap-horizontal-23.log'),
]
const unreachable = (): never => {
  throw new QueueError('unreachable', 'the broker is away')
}

test('the packets on the topic are the packets in the log, in numbered batches of one partition each', async () => {
  const it = new Collecting()
  await it.start()
  it.write(LINES)
  await it.untilAllIsSent()
  await it.stop()
  assert.deepEqual(it.sent, it.expected)
  const batches = batchesIn(sentTo(it.out))
  assert.ok(batches.every(({ packets }) => packets.length <= 50))
  assert.ok(batches.every(({ agent, reporter }) => /^[\da-f]{32}$/.test(agent) && reporter === 'host1'))
})

test('a flood becomes a few records', async () => {
  const it = new Collecting()
  const [line = ''] = trace('nmap-syn-1000.log')
  await it.start()
  it.write(Array.from({ length: 5000 }, (_, n) => line.replace(/ ID=\d+/, ` ID=${n + 1}`)))
  await it.untilAllIsSent()
  await it.stop()
  const records = batchesIn(sentTo(it.out)).reduce((sum, { packets }) => sum + packets.length, 0)
  assert.ok(records <= 100, `${records}`)
  assert.deepEqual(it.sent, it.expected)
})

test('a partition never has more than one batch under way', async () => {
  const it = new Collecting()
  const underWay = new Set<number>()
  let most = 0
  it.queue.onRequest = async (topic, messages) => {
    if (topic !== 'picket.packets') return
    for (const { partition } of messages) {
      assert.ok(!underWay.has(partition), `partition ${partition}`)
      underWay.add(partition)
    }
    most = Math.max(most, underWay.size)
    await new Promise((resolve) => setImmediate(resolve))
    for (const { partition } of messages) underWay.delete(partition)
  }
  await it.start()
  it.write(LINES)
  await it.untilAllIsSent()
  await it.stop()
  assert.deepEqual(it.sent, it.expected)
  assert.ok(most > 1, 'but partitions do not wait for each other')
})

test('while the broker is away everything waits in the spool, and arrives in order when it is back', async () => {
  const it = new Collecting()
  it.queue.onRequest = unreachable
  const collector = await it.start()
  for (let at = 0; at < LINES.length; at += 200) it.write(LINES.slice(at, at + 200))
  await eventually(() => it.said.join('').includes('cannot be sent'))
  assert.equal(collector.healthy().ok, true)
  await it.stop()
  assert.equal(sentTo(it.out).length, 0)
  it.queue.onRequest = () => {}
  await it.start()
  await it.untilAllIsSent()
  await it.stop()
  assert.deepEqual(it.sent, it.expected)
})

test('an acknowledgement that is lost leads to the same batch again, and to no packet twice', async () => {
  const it = new Collecting()
  let requests = 0
  it.queue.afterRequest = () => {
    if (++requests % 3 === 0) unreachable()
  }
  await it.start()
  it.write(LINES)
  await it.untilAllIsSent()
  await it.stop()
  assert.deepEqual(it.sent, it.expected)
  const batches = sentTo(it.out).filter(({ topic }) => topic === 'picket.packets')
  const different = new Set(
    batches.map(({ partition, bytes }) => `${partition} ${Buffer.from(bytes).toString('hex')}`),
  )
  assert.ok(batches.length > different.size, 'some came twice, as the same bytes')
})

test('a batch that is refused as too large becomes a dead letter, whole, and the next one goes', async () => {
  const it = new Collecting()
  it.queue.onRequest = (topic, messages) => {
    const isFirst = messages.some(({ value }) => {
      const decoded =
        topic === 'picket.packets' ? MESSAGES.packetBatch.decode(value ?? new Uint8Array()) : undefined
      return decoded?.ok === true && decoded.value.number === 1
    })
    if (isFirst) throw new QueueError('too-large', 'more than the broker takes')
  }
  await it.start()
  it.write(LINES)
  await eventually(() => batchesIn(sentTo(it.out)).length > 5)
  await it.stop()
  const kept = readdirSync(join(it.folder, 'spool', 'dead-letters'))
  assert.ok(kept.length >= 1)
  const bytes = new Uint8Array(readFileSync(join(it.folder, 'spool', 'dead-letters', kept[0] ?? '')))
  assert.equal(MESSAGES.packetBatch.decode(bytes).ok, true)
  const text = await it.metrics.registry.metrics()
  assert.match(text, /spool_dropped_batches_total\{reason="too-large"\} [1-9]/)
})

test('a topic with another number of partitions is a loud stop, and nothing is sent to it', async () => {
  const it = new Collecting(PARTITIONS + 1)
  const collector = await it.start()
  it.write(LINES)
  assert.match((await collector.failed).message, /has 5 partitions, and the configuration says 4/)
  assert.equal(collector.healthy().ok, false)
  await it.stop()
  assert.equal(sentTo(it.out).length, 0)
})

test('heartbeats say how it is: at the start, regularly, and when it ends', async () => {
  const it = new Collecting()
  const { agent } = await it.start({ heartbeatSeconds: 0.05 })
  it.write(LINES)
  await it.untilAllIsSent()
  const beats = () =>
    sentTo(it.out)
      .filter(({ topic }) => topic === 'picket.receipts')
      .map(({ bytes }) => {
        const decoded = MESSAGES.receipt.decode(bytes)
        assert.ok(decoded.ok)
        return decoded.value
      })
  await eventually(() => beats().length > 3)
  await it.stop()
  const last = beats().at(-1)
  assert.equal(last?.service, 'collector')
  assert.equal(last?.instance, agent)
  assert.equal(last?.heartbeat?.state, 'stopping')
  assert.equal(last?.heartbeat?.numbers['lines'], LINES.length)
  assert.equal(last?.heartbeat?.numbers['spoolBytes'], 0)
  assert.equal(last?.heartbeat?.everyMs, 50)
  assert.equal(beats()[0]?.heartbeat?.state, 'running')
})

test('a line without a time of its own says so', async () => {
  const it = new Collecting()
  await it.start()
  it.write(LINES.slice(0, 5).map((line) => line.slice(line.indexOf('IN='))))
  await it.untilAllIsSent()
  await it.stop()
  const records = batchesIn(sentTo(it.out)).flatMap(({ packets }) => packets)
  assert.ok(records.length > 0)
  assert.ok(records.every(({ bits }) => (bits & 8) !== 0))
})

test('its metrics have no address in them, and their names are unique', async () => {
  const it = new Collecting()
  await it.start()
  it.write(LINES)
  await it.untilAllIsSent()
  const text = await it.metrics.registry.metrics()
  await it.stop()
  for (const name of [
    'spool_bytes',
    'spool_oldest_seconds',
    'publish_seconds_bucket',
    'spool_fsync_seconds_bucket',
  ])
    assert.match(text, new RegExp(`^picket_collector_${name}`, 'm'))
  assert.doesNotMatch(text, /\d+\.\d+\.\d+\.\d+/)
})

test('at the spool’s cap it folds harder, then drops the oldest, and says how much that was', async () => {
  const it = new Collecting()
  it.queue.onRequest = unreachable
  const spool = { path: join(it.folder, 'spool'), maxBytes: 300_000, maxAgeDays: 7, segmentBytes: 16_000 }
  const collector = await it.start({ spool })
  const dropped = (what: string): Promise<number> => it.metric(`spool_dropped_${what}_total{reason="size"}`)
  for (let n = 1; (await dropped('batches')) === 0; n++) {
    it.write(LINES.map((line) => line.replace(/ ID=\d+/, ` ID=${n}`)))
    while ((await it.metric('lines_total')) < n * LINES.length) await it.turn()
    assert.ok(n < 200, 'it never came to its cap')
  }
  assert.match(it.said.join(''), /folded without exception/)
  it.queue.onRequest = () => {}
  await eventually(() => collector.backlog === 0, undefined, 20_000)
  await it.stop()
  const batches = batchesIn(sentTo(it.out))
  const sent = batches.flatMap(({ packets }) => packets).reduce((sum, { count }) => sum + count, 0)
  const missing = Array.from({ length: PARTITIONS }, (_, partition) => {
    const numbers = batches.filter((batch) => batch.partition === partition).map(({ number }) => number)
    return Math.max(0, ...numbers) - new Set(numbers).size
  })
  const gap = missing.reduce((sum, number) => sum + number, 0)
  assert.ok(gap > 0 && gap <= (await dropped('batches')), 'the numbers of what was dropped are missing')
  assert.equal(sent + (await dropped('packets')), total(it.expected))
})
