/** psad's rules about what to look at, under policy psad: auto_dl, IGNORE_*, FW_MSG_SEARCH, IPv6 (psad.md h, rules 11 to 17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { picket } from '../picket.ts'
import { incidentOf, type Settings, underPsad } from './judge.ts'
import * as lines from './lines.ts'

async function levelOf(log: string, settings: Settings, source = lines.SCANNER): Promise<number> {
  return incidentOf(await underPsad(log, settings), source)?.level ?? 0
}

const NET = '192.168.10.0/24'

for (const entry of [`${lines.SCANNER} 5;`, `${NET} 5;`, `${NET} 5 tcp;`]) {
  test(`auto_dl "${entry}" makes a SYN scan level 5`, async () => {
    assert.equal(await levelOf(lines.synScan(), { autoDl: [entry] }), 5)
  })
}

test('auto_dl for a network and UDP makes a UDP scan level 5, and leaves a SYN scan alone', async () => {
  const autoDl = [`${NET} 5 udp;`]
  assert.equal(await levelOf(lines.udpScan(), { autoDl }), 5)
  assert.equal(await levelOf(lines.synScan(), { autoDl }), 3)
})

for (const entry of [`${lines.SCANNER} 0;`, `${NET} 0;`]) {
  test(`auto_dl "${entry}" takes the source out of the report`, async () => {
    const analysis = await underPsad(lines.synScan(), { autoDl: [entry] })
    assert.deepEqual([analysis.incidents, analysis.ignored], [[], 1002])
  })
}

for (const address of ['2001:0db8:0000:f101:0000:0000:0000:0002', '2001:db8:0:f101::2']) {
  test(`auto_dl 0 for ${address} takes the IPv6 source out, in whatever form it is written`, async () => {
    assert.equal(await levelOf(lines.sixConnectScan(), { autoDl: [`${address} 0;`] }, lines.SIX_SCANNER), 0)
  })
}

test('ignored protocols are not looked at, by name and by number', async () => {
  assert.equal(await levelOf(lines.synScan(), { conf: { IGNORE_PROTOCOLS: 'tcp' } }), 0)
  assert.equal(await levelOf(lines.udpScan(), { conf: { IGNORE_PROTOCOLS: 'udp' } }), 0)
  const analysis = await underPsad(lines.igmpQueries(), { conf: { IGNORE_PROTOCOLS: '2' } })
  assert.equal(analysis.ignored, 4)
})

test('ignored interfaces are not looked at, and ignoring wins over auto_dl', async () => {
  const conf = { IGNORE_INTERFACES: 'eth1, eth0.1' }
  assert.equal(await levelOf(lines.synScan(), { conf }), 0)
  assert.equal(await levelOf(lines.synScan(), { conf, autoDl: [`${lines.SCANNER} 5;`] }), 0)
})

test('without FW_SEARCH_ALL only lines that hold a search string are looked at', async () => {
  assert.equal(await levelOf(lines.synScan(), { conf: { FW_SEARCH_ALL: false } }), 3)
  const policy = { conf: { FW_SEARCH_ALL: false, FW_MSG_SEARCH: ['NOSUCH'] } }
  assert.equal(await levelOf(lines.synScan(), policy), 0)
})

test('with ENABLE_IPV6_DETECTION off an IPv6 source is not looked at', async () => {
  assert.equal(await levelOf(lines.sixConnectScan(), {}, lines.SIX_SCANNER), 3)
  assert.equal(
    await levelOf(lines.sixConnectScan(), { conf: { ENABLE_IPV6_DETECTION: false } }, lines.SIX_SCANNER),
    0,
  )
})

test('RFC 3339 stamps give time and reporter, and six lone packets reach no level', async () => {
  assert.deepEqual((await underPsad(lines.isoTimes())).incidents, [])
  const { stdout } = await picket(['parse', '-', '--json'], { input: lines.isoTimes() })
  const [first] = stdout.split('\n')
  const { time, reporter } = JSON.parse(first ?? '') as { time: string; reporter: string }
  assert.deepEqual([time, reporter], ['2015-03-08T16:01:00.123Z', 'servername'])
})
