import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from '@picket/schemas'
import { Detector } from '../src/detect/detector.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'
import { compileRules } from '../src/detect/rules/rules.ts'
import { isQuiet, observe } from './observing.ts'
import { address, DAY, EPOCH, HOUR, tcp, toHosts, toPorts, udp, upTo } from './packets.ts'

test('a scan of a thousand ports is one incident and a handful of alerts with rising revisions', () => {
  const { incidents, alerts } = observe(toPorts(upTo(1000)))
  assert.equal(incidents.length, 1)
  assert.deepEqual(
    alerts.map((alert) => alert.incident.level),
    [1, 2, 3, 4],
  )
  assert.deepEqual(
    alerts.map((alert) => alert.revision),
    [1, 2, 3, 4],
  )
  assert.deepEqual(alerts[0]?.rose, ['opened'])
  assert.deepEqual(alerts[1]?.rose, ['level'])
  assert.equal(new Set(alerts.map((alert) => alert.id)).size, 4)
  assert.ok(alerts.every((alert) => alert.incident.id === incidents[0]?.id))
})

test('a new kind is told though the level stays', () => {
  const { alerts } = observe([...toHosts(3, { dpt: 23 }), ...toPorts([21, 111], { dst: '10.0.0.0', at: 10 })])
  assert.deepEqual(
    alerts.map((alert) => alert.rose),
    [['opened'], ['kinds']],
  )
})

test('an alert carries the time of the packet that caused it', () => {
  const { alerts } = observe(toPorts([21, 23, 111]))
  assert.equal(alerts[0]?.time, EPOCH + 2000)
})

test('an alert carries that packet, with its log prefix, which rules may ask for', () => {
  const { alerts } = observe(toPorts([21, 23, 111], { prefix: 'DROP ' }))
  const [packet] = alerts[0]?.evidence ?? []
  assert.deepEqual([packet?.dpt, packet?.prefix, packet?.time], [111, 'DROP ', EPOCH + 2000])
})

test('an incident lasts while a level is left, and a later probe opens another', () => {
  const scan = toPorts(upTo(12, 100))
  const within = observe([...scan, tcp({ dpt: 7, at: 1.9 * DAY })])
  assert.equal(within.incidents.length, 1)
  assert.equal(within.incidents[0]?.contacts, 13)
  const after = observe([...scan, ...toPorts(upTo(5, 200), { at: 2.1 * DAY })])
  assert.deepEqual(
    after.incidents.map((incident) => [incident.level, incident.contacts]),
    [
      [2, 12],
      [1, 5],
    ],
  )
  assert.notEqual(after.incidents[0]?.id, after.incidents[1]?.id)
})

test('an ended incident stays in the report when others come', () => {
  const { incidents, detector } = observe([
    ...toPorts(upTo(12, 100)),
    ...upTo(20).map((i) => tcp({ src: `198.51.100.${i}`, at: 3 * DAY })),
  ])
  assert.equal(incidents.length, 1)
  assert.equal(detector.tracked, 20)
})

test('a source that is allowed is never seen, one that is assigned a level has it at once', () => {
  const { rules } = compileRules({
    allow: ['198.51.100.0/24'],
    assignments: [
      { network: '203.0.113.9', level: 4 },
      { network: '203.0.113.8', level: 0 },
    ],
  })
  const packets = [
    tcp(),
    ...toPorts(upTo(50), { src: '198.51.100.7' }),
    ...toPorts(upTo(50), { src: '203.0.113.8' }),
  ]
  const { incidents, alerts, detector } = observe(packets, { rules })
  assert.equal(detector.counts.observed.ignored, 100)
  assert.equal(alerts.length, 1)
  assert.deepEqual(
    incidents.map(({ source, level, kinds }) => [source, level, kinds]),
    [['203.0.113.9', 4, ['suspicious_packets']]],
  )
  assert.equal(incidents[0]?.reasons[0], 'level 4 by assignment')
})

test('a flood of strangers pushes out neither an incident nor a source with two contacts', () => {
  const flood = upTo(20_000).map((i) =>
    tcp({ src: `45.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, at: 10 + i / 1000 }),
  )
  const { detector, incidents } = observe(
    [
      ...toPorts(upTo(12, 100)),
      ...toPorts([21, 23], { src: '198.51.100.1' }),
      ...flood,
      tcp({ src: '198.51.100.1', dpt: 111, at: 60 }),
    ],
    { maxSources: 500 },
  )
  assert.deepEqual(
    incidents.map((incident) => incident.source),
    ['203.0.113.9', '198.51.100.1'],
  )
  assert.equal(detector.tracked, 500)
  assert.deepEqual(detector.counts.evicted, [20_000 - 498, 0, 0])
})

test('an incident that is pushed out by worse need stays in the report', () => {
  const scanners = upTo(8).flatMap((i) => toPorts(upTo(5, 100), { src: `198.51.100.${i}`, at: i * 10 }))
  const { detector, incidents } = observe(scanners, { maxSources: 3 })
  assert.equal(detector.tracked, 3)
  assert.equal(incidents.length, 8)
  assert.deepEqual(detector.counts.evicted, [0, 0, 5])
})

test('sources nobody has heard of for a week are forgotten without being pushed out', () => {
  const strangers = (day: number) => upTo(50).map((i) => tcp({ src: `45.${day}.0.${i}`, at: day * DAY + i }))
  const { detector } = observe([...strangers(0), ...strangers(8)])
  // The first few wait until others agree that a week has passed.
  assert.ok(detector.tracked < 70, `${detector.tracked} are held`)
  assert.deepEqual(detector.counts.evicted, [0, 0, 0])
})

test('a packet without a time is taken for as new as the newest', () => {
  const timeless = { time: Number.NaN }
  const packets = [
    tcp({ dpt: 21, at: HOUR }),
    ...[23, 111].map((dpt) => Object.assign(tcp({ dpt }), timeless)),
  ]
  assert.equal(observe(packets).incidents[0]?.lastSeen, EPOCH + HOUR * 1000)
})

test('a line that stands for several packets counts as these', () => {
  const { incidents, detector } = observe([tcp({ dpt: 21, count: 5 }), tcp({ dpt: 23 }), udp({ dpt: 7 })])
  assert.equal(incidents[0]?.packets, 7)
  assert.equal(detector.counts.packets, 7)
})

test('incidents name every machine that logged them', () => {
  const reporters = ['web2', 'db1', 'web2', 'db1', 'app1']
  const { incidents } = observe(reporters.map((reporter, i) => tcp({ reporter, dpt: 100 + i })))
  assert.deepEqual(incidents[0]?.reporters, ['app1', 'db1', 'web2'])
})

test('two sources of one /64 are one, two IPv4 neighbours are two', () => {
  const six = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((src, i) => {
    return tcp({ src, dst: '2001:db8:9::5', dpt: 21 + i * 10 })
  })
  assert.equal(observe(six).incidents.length, 1)
  assert.ok(isQuiet(upTo(3).map((i) => tcp({ src: `203.0.113.${i}`, dpt: 21 + i * 10 }))))
})

test('an IPv4-mapped source is its IPv4 address', () => {
  const packets = ['203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9'].map((src, i) =>
    tcp({ src, dpt: 21 + i * 10 }),
  )
  const { incidents, detector } = observe(packets)
  assert.equal(incidents[0]?.prefix, '203.0.113.9/32')
  assert.equal(detector.scanOf(address('203.0.113.9'))?.packets, 3)
})

test('where nobody listens no incident is put into words before it is asked for', () => {
  let worded = 0
  class Counting extends PicketMethod {
    override incident(scan: PicketScan): Incident {
      worded++
      return super.incident(scan)
    }
  }
  const detector = new Detector({ method: new Counting() })
  for (const packet of toPorts(upTo(1000))) detector.observe(packet)
  assert.equal(worded, 0)
  assert.equal(detector.incidents()[0]?.level, 4)
})
