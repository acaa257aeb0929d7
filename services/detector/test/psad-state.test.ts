import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from '@picket/schemas'
import fc from 'fast-check'
import { isInvalidIcmp } from '../src/detect/psad/icmp-types.ts'
import { checkPsadPolicy, PSAD_POLICY } from '../src/detect/psad/policy.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import { contactsOf, type PsadScan } from '../src/detect/psad/psad-scan.ts'
import { runOf } from '../src/detect/psad/run.ts'
import { portOfService, protocolOfService, ServiceSet, serviceOf } from '../src/detect/psad/service-set.ts'
import { detect, run } from './psad-run.ts'
import { packetOf, type Wanted } from './rules-packets.ts'

const START = Date.UTC(2026, 2, 1, 12)
const HOUR = 3_600_000

function burst(time: number, ports: number, dst = '10.0.0.5'): Packet[] {
  return Array.from({ length: ports }, (_, i) => packetOf({ time: time + i, dpt: 100 + i, dst }))
}

test('a level ends with the incident: SCAN_TIMEOUT after the last packet, not the first', () => {
  const first = burst(START, 20)
  const endsAt = START + 19 + HOUR
  const during = run([...first, packetOf({ time: endsAt - 1 })])
  assert.deepEqual(
    during.map(({ packets }) => packets),
    [21],
  )
  const after = detect([...first, packetOf({ time: endsAt })])
  assert.deepEqual(
    after.incidents().map(({ packets }) => packets),
    [20],
  )
  assert.equal(after.scanOf(packetOf({}).src)?.level, 0)
})

test('a scan that runs on is not cut at the hour', () => {
  const packets = Array.from({ length: 16 }, (_, i) => packetOf({ time: START + i * (HOUR - 1), dpt: i }))
  assert.deepEqual(
    run(packets).map(({ level, packets: count }) => [level, count]),
    [[2, 16]],
  )
})

test('a pair begins anew after its own pause, while the incident goes on elsewhere and keeps its level', () => {
  const elsewhere = packetOf({ time: START + HOUR / 2, dst: '10.0.0.6' })
  const [incident] = run([...burst(START, 14), elsewhere, ...burst(START + HOUR + 14, 14)])
  assert.equal(incident?.level, 1)
  const [longer] = run([...burst(START, 15), elsewhere, ...burst(START + HOUR + 15, 4)])
  assert.equal(longer?.level, 2)
  assert.deepEqual(longer?.hosts, ['10.0.0.5', '10.0.0.6'])
})

/** `own` packets to one port of one host, and one to each of `others` further hosts. */
function sweep(time: number, own: number, others: number): Packet[] {
  const mine = Array.from({ length: own }, () => packetOf({ time }))
  return [...mine, ...Array.from({ length: others }, (_, i) => packetOf({ time, dst: `10.0.1.${i}` }))]
}

test('a late packet makes a sweep of its own interval see a host as it stood when that interval ended', () => {
  const packets = [...sweep(START, 13, 9), ...sweep(START + 5000, 10, 0)]
  assert.equal(run([...packets, packetOf({ time: START + 4000 })])[0]?.level, 1)
  assert.equal(run([...packets, packetOf({ time: START + 4000, count: 2 })])[0]?.level, 2)
})

test('a late packet counts for the sweep of the next interval, which began before it came', () => {
  const packets = [...sweep(START, 4, 0), ...sweep(START + 5000, 10, 9)]
  assert.equal(run(packets)[0]?.level, 1)
  assert.equal(run([...packets, packetOf({ time: START + 4000 })])[0]?.level, 2)
})

test('with ENABLE_PERSISTENCE nothing ever ends', () => {
  const packets = Array.from({ length: 15 }, (_, i) => packetOf({ time: START + i * 100 * HOUR, dpt: i }))
  assert.deepEqual(run(packets), [])
  assert.deepEqual(
    run(packets, { ENABLE_PERSISTENCE: true }).map(({ level }) => level),
    [2],
  )
})

test('below MIN_DANGER_LEVEL there is no level', () => {
  assert.deepEqual(run(burst(START, 14), { MIN_DANGER_LEVEL: 2 }), [])
  assert.equal(run(burst(START, 15), { MIN_DANGER_LEVEL: 2 })[0]?.level, 2)
})

test('beyond MAX_SCAN_IP_PAIRS new hosts are counted but not followed', () => {
  const packets = Array.from({ length: 30 }, (_, i) => packetOf({ time: START + i, dst: `10.0.0.${i}` }))
  const [incident] = run(packets, { MAX_SCAN_IP_PAIRS: 15 })
  assert.equal(incident?.level, 1)
  assert.deepEqual([incident?.hostCount, incident?.packets], [15, 30])
  assert.match(incident?.reasons.join('\n') ?? '', /15 packets to further hosts not followed/)
})

test('many hosts are found again, each with its own counts', () => {
  const packets: Packet[] = []
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3000; i++) {
      packets.push(packetOf({ time: START + i, dst: `10.0.${i >> 8}.${i & 255}`, dpt: round }))
    }
  }
  const { targets } = detect(packets).scanOf(packetOf({}).src) as PsadScan
  assert.equal(targets.count, 3000)
  for (let index = 0; index < 3000; index++) assert.equal(runOf(targets, index).packets, 2)
})

test('what is missing to the first level is told with numbers', () => {
  const why = (packets: readonly Packet[]) => detect(packets).reasonsOf(packetOf({}).src).join('\n')
  assert.match(why(burst(START, 3)), /no level by packets: 3 packets to 10\.0\.0\.5.*DANGER_LEVEL1 needs 5/)
  const oneService = Array.from({ length: 9 }, (_, i) => packetOf({ time: START + i }))
  assert.match(why(oneService), /port range 0, PORT_RANGE_SCAN_THRESHOLD needs 1/)
  const hosts = Array.from({ length: 4 }, (_, i) => packetOf({ time: START + i, dst: `10.0.0.${i}` }))
  assert.match(
    why(hosts),
    /no level by hosts: 4 hosts in one CHECK_INTERVAL of 5 s; DL1_UNIQUE_HOSTS needs 10/,
  )
})

const anyPacket = fc
  .record({
    gap: fc.integer({ min: -2000, max: 3000 }),
    host: fc.nat({ max: 12 }),
    proto: fc.constantFrom(6, 17, 1, 47),
    dpt: fc.integer({ min: 0, max: 65_535 }),
  })
  .map(({ gap, host, proto, dpt }) => {
    const ports = proto === 6 || proto === 17 ? { dpt } : { dpt: -1, spt: -1 }
    const icmp = proto === 1 ? { icmpType: dpt & 63, icmpCode: dpt & 1 } : {}
    return { gap, wanted: { dst: `10.0.0.${host}`, proto, flags: proto === 6 ? 2 : -1, ...ports, ...icmp } }
  })

interface Story {
  readonly gap: number
  readonly wanted: Wanted
}

/** The scan after the story, packed and unpacked before step `at`. */
function scanAfter(method: PsadMethod, story: readonly Story[], at: number): PsadScan {
  let time = START
  let scan = method.open(packetOf(story[0]?.wanted ?? {}), START)
  for (const [i, { gap, wanted }] of story.entries()) {
    time += gap
    if (i === at) scan = method.unpack(JSON.parse(JSON.stringify(method.pack(scan))))
    method.fold(scan, packetOf({ time, ...wanted }), 'probe', time)
    method.judge(scan)
  }
  return scan
}

test('a scan packed as JSON and unpacked at any moment goes on as if nothing had been', () => {
  const method = new PsadMethod({ ...PSAD_POLICY, SCAN_TIMEOUT: 2, DL1_UNIQUE_HOSTS: 3 })
  fc.assert(
    fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 60 }), fc.nat({ max: 60 }), (story, at) => {
      const steady = scanAfter(method, story, -1)
      const restored = scanAfter(method, story, at)
      assert.deepEqual(method.incident(restored), method.incident(steady))
      assert.deepEqual(method.pack(restored), method.pack(steady))
    }),
  )
})

test('a packed scan shares nothing with the scan', () => {
  const method = new PsadMethod()
  const [first, ...rest] = burst(START, 30) as [Packet, ...Packet[]]
  const scan = method.open(first, first.time)
  method.fold(scan, first, 'probe', first.time)
  const packed = method.pack(scan)
  const before = JSON.stringify(packed)
  const copy = method.unpack(packed)
  for (const packet of rest) method.fold(scan, packet, 'probe', packet.time)
  assert.equal(JSON.stringify(packed), before)
  assert.equal(JSON.stringify(method.pack(copy)), before)
})

test('a scan restored under another CHECK_INTERVAL keeps its counts and begins its intervals empty', () => {
  const method = new PsadMethod()
  const [first, ...rest] = burst(START, 14) as [Packet, ...Packet[]]
  const scan = method.open(first, first.time)
  for (const packet of [first, ...rest]) method.fold(scan, packet, 'probe', packet.time)
  const other = new PsadMethod({ ...PSAD_POLICY, CHECK_INTERVAL: 1 })
  const restored = other.unpack(method.pack(scan))
  const next = packetOf({ time: START + 20 })
  other.fold(restored, next, 'probe', next.time)
  other.judge(restored)
  assert.equal(restored.level, 2)
})

test('the services of a source are exact, few or many', () => {
  const port = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 1000, max: 2500 }))
  const packet = fc
    .tuple(fc.constantFrom(1, 6, 17, 255), port)
    .map(([proto, value]) =>
      packetOf(proto === 1 ? { proto, dpt: -1, icmpType: value & 255 } : { proto, dpt: value }),
    )
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 2000, size: 'max' }), (packets) => {
      const set = new ServiceSet()
      const reference = new Set<string>()
      for (const each of packets) {
        set.add(serviceOf(each))
        reference.add(`${each.proto} ${each.dpt}`)
      }
      const ported = set.services().filter((service) => portOfService(service) >= 0)
      const spelled = ported.map((service) => `${protocolOfService(service)} ${portOfService(service)}`)
      assert.deepEqual(new Set(spelled), new Set([...reference].filter((key) => !key.startsWith('1 '))))
      assert.equal(set.size, new Set(packets.map(serviceOf)).size)
      assert.deepEqual(
        set.services(),
        [...new Set(packets.map(serviceOf))].sort((a, b) => a - b),
      )
    }),
    { numRuns: 60 },
  )
})

test('contacts are exact up to 3072, and within some per cent above', () => {
  const contactsAfter = (count: number) => {
    const packets = Array.from({ length: count }, (_, i) =>
      packetOf({ time: START + i, dst: `10.0.0.${i % 8}`, dpt: Math.floor(i / 8) }),
    )
    return contactsOf(detect([...packets, ...packets]).scanOf(packetOf({}).src) as PsadScan)
  }
  for (const count of [5, 100, 3072]) assert.equal(contactsAfter(count), count)
  const many = contactsAfter(20_000)
  assert.ok(Math.abs(many - 20_000) < 2000, String(many))
})

test('ICMP types and codes are those that IANA lists within psad’s range', () => {
  const valid = [
    [1, 0, 0],
    [1, 3, 15],
    [1, 9, 16],
    [1, 11, 1],
    [1, 40, 5],
    [58, 1, 0],
    [58, 128, 0],
    [58, 138, 255],
    [58, 147, 0],
  ]
  const invalid = [
    [1, 1, 0],
    [1, 3, 16],
    [1, 8, 1],
    [1, 41, 0],
    [58, 0, 1],
    [58, 127, 0],
    [58, 135, 1],
    [58, 148, 0],
  ]
  for (const [proto = 0, type = 0, code = 0] of valid) assert.equal(isInvalidIcmp(proto, type, code), false)
  for (const [proto = 0, type = 0, code = 0] of invalid) assert.equal(isInvalidIcmp(proto, type, code), true)
  assert.equal(isInvalidIcmp(1, -1, -1), false)
  assert.equal(isInvalidIcmp(6, 200, 200), false)
})

test('a ladder that does not rise and a broken expression are faults of the policy', () => {
  assert.deepEqual(checkPsadPolicy(PSAD_POLICY), [])
  const broken = {
    ...PSAD_POLICY,
    DANGER_LEVEL3: 15,
    DL4_UNIQUE_HOSTS: 0,
    DL5_UNIQUE_HOSTS: 50,
    FW_MSG_SEARCH: ['('],
  }
  assert.deepEqual(
    checkPsadPolicy(broken).map(({ name }) => name),
    ['DANGER_LEVEL3', 'DL5_UNIQUE_HOSTS', 'FW_MSG_SEARCH'],
  )
})
