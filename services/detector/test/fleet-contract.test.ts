import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Packet, sourceKey } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { FleetFold, MOST_PASSED } from '../src/detect/fleet/fleet-fold.ts'
import { foldLog } from '../src/detect/fleet/fold-log.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import { compileRules } from '../src/detect/rules/rules.ts'
import { messageOf, nothingKept, Reader } from './fleet-log.ts'
import { address, DAY, EPOCH, HOUR, icmp, tcp, toHosts, toPorts, upTo } from './packets.ts'

const KEY = sourceKey(address('203.0.113.9'))

function newFold(): FleetFold<PicketScan> {
  return new FleetFold({ method: new PicketMethod() })
}

let offset = 0

/** One message, of sources of which nothing is stored. */
function feed(
  fold: FleetFold<PicketScan>,
  packets: readonly Packet[],
  logged?: number,
): ReturnType<typeof read> {
  for (const packet of packets) fold.want(packet)
  for (const key of fold.wanted()) fold.adopt(key, null)
  return read(fold, packets, logged ?? (packets.at(-1)?.time ?? 0) + 200)
}

function read(fold: FleetFold<PicketScan>, packets: readonly Packet[], logged: number) {
  fold.beginMessage(offset++, logged)
  for (const packet of packets) fold.observe(packet)
  return fold.endMessage()
}

test('a source is wanted once, and only if a packet of it is to be folded', () => {
  const { rules } = compileRules({ allow: ['198.51.100.0/24'] })
  const fold = new FleetFold({ method: new PicketMethod(), rules })
  for (const packet of toPorts([22, 23, 24])) fold.want(packet)
  fold.want(tcp({ src: '198.51.100.7' }))
  fold.want(tcp({ src: '192.0.2.1', verdict: 'accept' }))
  assert.deepEqual(fold.wanted(), [KEY])
  assert.equal(fold.adopt(KEY, null), 'nothing')
  assert.deepEqual(fold.wanted(), [])
  for (const packet of toPorts([22, 23, 24])) fold.want(packet)
  assert.deepEqual(fold.wanted(), [], 'that the store has nothing is remembered')
})

test('a packet whose source was not wanted is not folded into a scan that may lie in the store', () => {
  const fold = newFold()
  assert.throws(() => read(fold, toPorts([22]), EPOCH), /not wanted/)
  feed(fold, toPorts([22]))
  fold.takeChanges()
  fold.settle()
  const other = toPorts([22], { src: '192.0.2.1' })
  for (const packet of other) fold.want(packet)
  for (const key of fold.wanted()) fold.adopt(key, null)
  fold.settle()
  assert.throws(() => read(fold, other, EPOCH), /not wanted/)
})

test('bytes that are no scan, of another source or another policy are forgotten, and said to be', () => {
  const first = newFold()
  feed(first, toPorts([22, 23]))
  const [change] = first.takeChanges().scans
  const value = change?.value ?? new Uint8Array()
  assert.equal(change?.key, KEY)
  assert.equal(newFold().adopt(KEY, value), 'adopted')
  assert.equal(newFold().adopt(KEY, value.subarray(1)), 'broken')
  assert.equal(newFold().adopt(sourceKey(address('192.0.2.1')), value), 'broken')
  assert.equal(new FleetFold({ method: new PsadMethod() }).adopt(KEY, value), 'other-policy')
  const decoded = MESSAGES.storedScan.decode(value)
  assert.ok(decoded.ok)
  assert.equal(newFold().adoptState(KEY, decoded.value), 'adopted')

  const fold = newFold()
  fold.adopt(KEY, value.subarray(1))
  read(fold, toPorts([24]), EPOCH + 2000)
  assert.equal(MESSAGES.storedScan.decode(fold.takeChanges().scans[0]?.value ?? value).ok, true)
})

test('a message that a scan was stored with is not folded into it again', () => {
  const first = newFold()
  const packets = toPorts(upTo(9, 20))
  feed(first, packets)
  const { scans, totals } = first.takeChanges()
  const again = new FleetFold({ method: new PicketMethod(), totals })
  for (const { key, value } of scans) again.adopt(key, value)
  offset--
  read(again, packets, EPOCH + 9000)
  assert.equal(again.skipped, 9)
  const after = again.takeChanges()
  assert.deepEqual(after.scans, [])
  assert.deepEqual(after.alerts, [])
  assert.deepEqual(after.totals, totals)
})

test('changes are told once, and kept for as long as the scan lasts and a day', () => {
  const fold = newFold()
  feed(fold, [...toPorts([22]), ...toHosts(12, { src: '192.0.2.1' })])
  const { scans, alerts } = fold.takeChanges()
  assert.deepEqual(
    scans.map(({ ttlSeconds }) => ttlSeconds),
    [8 * DAY, 3 * DAY],
  )
  assert.equal(alerts.length > 0, true)
  assert.deepEqual(fold.takeChanges().scans, [])
  assert.deepEqual(fold.takeChanges().alerts, [])
})

test('no scan is let go of before its change was taken', () => {
  const fold = new FleetFold({ method: new PicketMethod(), maxSources: 1 })
  feed(fold, [...toPorts([22]), ...toPorts([22], { src: '192.0.2.1' })])
  fold.settle()
  assert.equal(fold.tracked, 2)
  assert.equal(fold.takeChanges().scans.length, 2)
  fold.settle()
  assert.equal(fold.tracked, 1)
  assert.equal(fold.evicted, 1)
})

test('an alert names the packet that caused it and when the broker took it, neither of which is in its id', () => {
  const packets = toHosts(5)
  const tell = (logged: number) => {
    const fold = newFold()
    feed(fold, packets, logged)
    return fold.takeChanges().alerts[0]
  }
  const [early, late] = [tell(EPOCH + 5000), tell(EPOCH + 90_000)]
  assert.equal(early?.id, late?.id)
  assert.equal(late?.logged, EPOCH + 90_000)
  assert.deepEqual(
    early?.evidence.map(({ src, dst, dpt, time }) => ({ src, dst, dpt, time })),
    [{ src: '203.0.113.9', dst: '10.0.0.2', dpt: 22, time: EPOCH + 2000 }],
  )
  assert.ok(MESSAGES.alert.decode(MESSAGES.alert.encode(early as never)).ok)
})

test("a source's first sixteen contacts are told with their rank, repeats and later ones are not", () => {
  const fold = newFold()
  const ports = toPorts([...upTo(10, 20), ...upTo(10, 20), ...upTo(10, 30)])
  const { contacts, watermark } = feed(fold, [...ports, icmp(8, { src: '192.0.2.1', at: 40 })])
  const told = Array.from(contacts, ({ rank, port, technique, time }) => ({ rank, port, technique, time }))
  assert.deepEqual(
    told.slice(0, 16).map(({ rank, port }) => [rank, port]),
    upTo(16).map((i) => [i + 1, 20 + i]),
  )
  assert.deepEqual(told.slice(16), [{ rank: 1, port: 8, technique: 8, time: EPOCH + 40_000 }])
  assert.equal(watermark, EPOCH + 35_000)
  assert.equal(feed(fold, toPorts([20, 99], { at: 50 })).contacts.size, 0)
})

test('a slow source that is never a scan has each of its contacts told, though old ones are forgotten', () => {
  const fold = newFold()
  const sizes = upTo(12).map((i) => {
    const packets = [tcp({ dpt: 443, dst: `10.0.0.${i}`, at: i * 6 * DAY })]
    return feed(fold, packets).contacts.size
  })
  assert.deepEqual(
    sizes,
    upTo(12).map(() => 1),
  )
})

test('views tell what changed since last asked, also of stories that ended or were let go', () => {
  const fold = new FleetFold({ method: new PicketMethod(), maxSources: 1 })
  feed(fold, [...toHosts(5), ...toHosts(4, { src: '192.0.2.1' }), ...toPorts([22], { src: '192.0.2.2' })])
  feed(fold, toHosts(4, { at: 3 * DAY }))
  fold.takeChanges()
  fold.settle()
  const views = fold.views(2).concat(fold.views(2))
  assert.deepEqual(views.map(({ source, contacts }) => `${source} ${contacts}`).sort(), [
    '192.0.2.1 4',
    '203.0.113.9 4',
    '203.0.113.9 5',
  ])
  assert.deepEqual(fold.views(9), [])
  feed(fold, toHosts(1, { at: 3 * DAY + HOUR }))
  assert.equal(fold.views(9).length + fold.wanted().length, 1)
})

test('what nobody views does not fill the memory', () => {
  const fold = new FleetFold({ method: new PicketMethod(), maxSources: 1 })
  const sources = upTo(MOST_PASSED + 11).map((i) => `198.18.${i >> 8}.${i & 255}`)
  feed(
    fold,
    sources.flatMap((src) => toPorts([22, 23, 24], { src })),
  )
  fold.takeChanges()
  fold.settle()
  assert.equal(fold.unviewed, 10)
  assert.equal(fold.views(Number.POSITIVE_INFINITY).length, MOST_PASSED + 1)
})

test('totals are those of the messages, and can be stored and restored at any message', () => {
  const packets = toHosts(40).concat(upTo(9).map(() => tcp({ verdict: 'accept', proto: 17, flags: -1 })))
  const messages = upTo(7).map((i) =>
    messageOf(packets.slice(i * 7, i * 7 + 7), {
      offset: i,
      logged: EPOCH + i * 7000,
      agent: 'a',
      number: i < 4 ? i : i + 3,
    }),
  )
  const kept = nothingKept()
  for (const message of messages) {
    const reader = new Reader(kept, { method: new PicketMethod() })
    reader.read(message)
    reader.commit()
  }
  const { totals } = kept
  assert.ok(totals !== undefined)
  assert.equal(totals.packets, 49)
  assert.equal(totals.batches, 7)
  assert.equal(totals.missing, 3)
  assert.deepEqual([totals.observed['probe'], totals.observed['accepted']], [40, 9])
  assert.deepEqual(totals.protocols, { tcp: 40, udp: 9 })
  assert.deepEqual(totals.sources, { '203.0.113.9': 40 })
  assert.deepEqual(totals.ports, { 'tcp/22': 40 })
  assert.deepEqual(totals.reporters, { web1: 49 })
  assert.equal(totals.from, EPOCH)
  const decoded = MESSAGES.partitionTotals.decode(MESSAGES.partitionTotals.encode(totals))
  assert.ok(decoded.ok)
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.value)), JSON.parse(JSON.stringify(totals)))
})

test('one reporter whose clock runs years ahead neither ends a story nor makes the others late', () => {
  const ahead = tcp({ dpt: 30, at: 30 })
  ahead.time += 2 * 365 * DAY * 1000
  const packets = [
    ...toPorts(upTo(5, 20)),
    Object.assign(ahead, { reporter: 'wrong' }),
    ...toPorts(upTo(5, 40), { at: 31 }),
  ]
  const fold = newFold()
  feed(fold, packets, EPOCH + 36_000)
  assert.deepEqual([fold.totals.ahead, fold.totals.late], [1, 0])
  const views = fold.views(9)
  assert.deepEqual(
    views.map(({ contacts }) => contacts),
    [11],
  )
  const skewed = fold.reporterClocks().find(({ reporter }) => reporter === 'wrong')
  assert.equal(skewed?.ahead, 1)
  const [incident] = foldLog(
    [messageOf(packets, { offset: 0, logged: EPOCH + 36_000, agent: 'a', number: 1 })],
    { method: new PicketMethod() },
  ).incidents
  assert.equal(incident?.contacts, 11)
})
