/**
 * psad's own cases under policy psad: which level each file gets (psad.md h, both tables).
 *
 * Where psad has a fault that the design does not copy, the right value is expected and the fault is named.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { incidentOf, type Settings, underPsad } from './judge.ts'
import * as lines from './lines.ts'

interface Expected {
  readonly level: number
  readonly packets?: number
  readonly ports?: Readonly<Record<string, string>>
  readonly hostCount?: number
  readonly kind?: string
  readonly technique?: string
}

async function expectScanner(
  log: string,
  expected: Expected,
  source = lines.SCANNER,
  settings: Settings = {},
) {
  const incident = incidentOf(await underPsad(log, settings), source)
  assert.ok(incident, `no incident of ${source}`)
  const { level, packets, ports, hostCount } = incident
  const { kind, technique, ...figures } = expected
  const got = { level, packets, ports, hostCount }
  assert.deepEqual({ ...got, ...figures }, got)
  if (kind !== undefined) assert.ok(incident.kinds.includes(kind), `kinds are ${incident.kinds.join(', ')}`)
  if (technique !== undefined) assert.deepEqual(incident.techniques, [technique])
}

async function expectNothing(log: string, settings: Settings = {}) {
  assert.deepEqual((await underPsad(log, settings)).incidents, [])
}

const SYN_SCAN = { level: 3, packets: 1002, ports: { tcp: '1000-1500' }, hostCount: 1, kind: 'vertical_scan' }
const FLAG_SCAN = { level: 3, packets: 302, ports: { tcp: '1000-1150' } }

test('a SYN scan of 501 ports asked twice is level 3 with its ports named', async () => {
  await expectScanner(lines.synScan(), SYN_SCAN)
})

for (const source of ['127.0.0.1', '0.0.0.0']) {
  test(`the same scan from ${source} is judged alike and is not bannable`, async () => {
    const incident = incidentOf(await underPsad(lines.synScan(source)), source)
    assert.deepEqual([incident?.level, incident?.packets, incident?.bannable], [3, 1002, false])
  })
}

test('the same scan of four hosts counts four hosts and stays level 3, as each pair is counted alone', async () => {
  const hosts = ['192.168.10.1', '192.168.10.2', '192.168.10.44', '192.168.10.45']
  await expectScanner(lines.synScan(lines.SCANNER, hosts), { level: 3, packets: 4008, hostCount: 4 })
})

test('one port of eleven hosts is a sweep of level 1', async () => {
  const expected = { level: 1, packets: 12, hostCount: 11, ports: { tcp: '1083' }, kind: 'horizontal_sweep' }
  await expectScanner(lines.synSweep(), expected)
})

for (const [technique, flags] of [
  ['fin', 'FIN'],
  ['xmas', 'URG PSH FIN'],
  ['null', ''],
] as const) {
  test(`a scan with ${technique} packets is level 3 and names its technique`, async () => {
    await expectScanner(lines.flagScan(flags), { ...FLAG_SCAN, technique })
  })
}

test('a UDP scan of 151 ports asked twice is level 3', async () => {
  await expectScanner(lines.udpScan(), { level: 3, packets: 302, ports: { udp: '1000-1150' } })
})

test('an ACK scan is nothing by default, and level 3 with IGNORE_CONNTRACK_BUG_PKTS off', async () => {
  await expectNothing(lines.flagScan('ACK'))
  const off = { conf: { IGNORE_CONNTRACK_BUG_PKTS: false } }
  await expectScanner(lines.flagScan('ACK'), FLAG_SCAN, lines.SCANNER, off)
})

test('a protocol scan counts AH, ESP and cut UDPLITE too, which psad cannot read', async () => {
  const analysis = await underPsad(lines.protocolScan())
  const incident = incidentOf(analysis, lines.SCANNER)
  // 255 protocols twice, less the two bare ACKs that psad leaves out by default
  assert.deepEqual([incident?.level, incident?.packets, incident?.protocols.length], [3, 508, 254])
  assert.ok(incident?.kinds.includes('protocol_scan'))
  assert.equal(analysis.unparsed, 0)
})

test('telnet asked ten times and once its second port is level 1', async () => {
  await expectScanner(lines.miraiScan(), { level: 1, packets: 11, ports: { tcp: '23,2323' } })
})

test('a connect scan of 1002 ports over IPv6 is level 3', async () => {
  await expectScanner(lines.sixConnectScan(), { level: 3, packets: 1002 }, lines.SIX_SCANNER)
})

for (const withOptions of [false, true]) {
  test(`a Topera scan ${withOptions ? 'with' : 'without'} its empty headers in the log is level 3`, async () => {
    const expected = { level: 3, packets: 1024, ports: { tcp: '0-1023' } }
    await expectScanner(lines.toperaScan(withOptions), expected, lines.SIX_SCANNER)
  })
}

test('echo requests with an invalid code are level 2 for that', async () => {
  const incident = incidentOf(await underPsad(lines.ping(2)), lines.SCANNER)
  assert.deepEqual([incident?.level, incident?.packets], [2, 5])
  assert.match(incident?.reasons.join(' ') ?? '', /invalid/)
})

test('five valid pings are level 1 by their number, as packets without ports are, and not by their code', async () => {
  const incident = incidentOf(await underPsad(lines.ping(0)), lines.SCANNER)
  assert.equal(incident?.level, 1)
  assert.doesNotMatch(incident.reasons.join(' '), /invalid/)
})

test('neighbour solicitations are level 2 with an invalid code, and nothing with the valid one', async () => {
  await expectScanner(lines.neighbourSolicitations(22), { level: 2 }, lines.SIX_SCANNER)
  await expectNothing(lines.neighbourSolicitations(0))
})

test('packets without ports count by their number: 16 to one neighbour are level 2, 7 are level 1', async () => {
  await expectScanner(lines.neighbourTalk(16, 3), { level: 2, packets: 19, hostCount: 2 }, lines.SIX_SCANNER)
  await expectScanner(lines.neighbourTalk(7, 5), { level: 1, packets: 12, hostCount: 2 }, lines.SIX_SCANNER)
})

test('four IGMP queries behind a prefix without a blank are nothing', async () => {
  await expectNothing(lines.igmpQueries())
})
