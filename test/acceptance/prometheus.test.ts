/**
 * What a fleet tells of itself: real processes, scraped by a real Prometheus, judged by its own tool.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { appendScan } from '../fleet/scan-lines.ts'
import { needTool } from '../services/missing-tool.ts'
import { type Prometheus, startPrometheus } from '../services/prometheus.ts'
import { waitUntil } from '../services/wait-until.ts'

let fleet: RealFleet
let prometheus: Prometheus
let collector: FleetProcess
let detector: FleetProcess
let responder: FleetProcess
const PROBES = 120
/** As each said before the first line was read. */
const atStart: Map<FleetProcess, string> = new Map()

before(async () => {
  fleet = await RealFleet.start()
  const log = join(fleet.folder, 'kern.log')
  writeFileSync(log, '')
  const sources = [{ type: 'file', name: 'kern', path: log, from: 'start' }]
  collector = await fleet.process('collector', { sources, timeZone: 'UTC', collector: { reporter: 'web1' } })
  detector = await fleet.process('detector')
  responder = await fleet.process('responder')
  for (const one of all()) one.start()
  for (const one of all()) await one.ready()
  for (const one of all()) atStart.set(one, await metricsOf(one))
  const targets = all().map(({ command }) => `127.0.0.1:${command.port}`)
  prometheus = await startPrometheus({ targets })
  appendFileSync(log, 'a line of something else\n')
  const ports = Array.from({ length: PROBES }, (_, port) => 1_000 + port)
  appendScan(
    log,
    ports.map((dpt) => ({ src: '203.0.113.9', dst: '10.0.0.1', dpt })),
  )
  await waitUntil(
    async () => (await responder.metric('picket_responder_alerts_told_total')) > 0,
    () => `an alert to be told\n${responder.log()}`,
  )
})

after(async () => {
  await prometheus?.stop()
  await fleet?.stop()
})

function all(): FleetProcess[] {
  return [collector, detector, responder]
}

async function metricsOf(one: FleetProcess): Promise<string> {
  const response = await one.get('/metrics')
  assert.equal(response?.status, 200)
  return response.text()
}

/** Its exit status and words: it wants nothing of a metric but good manners. */
function promtoolCheck(text: string): Promise<string> {
  const tool = needTool('promtool')
  return new Promise((resolve) => {
    const child = execFile(tool, ['check', 'metrics'], (error, stdout, stderr) => {
      resolve(`${error === null ? 0 : error.code} ${stdout}${stderr}`.trim())
    })
    child.stdin?.end(text)
  })
}

/** Name, and labels as text. */
function seriesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
}

test('promtool finds nothing to say about the metrics of any process', async () => {
  for (const one of all()) assert.equal(await promtoolCheck(await metricsOf(one)), '0', one.command.service)
})

/** What an operator must be able to see, by the names of the pages. */
const NEEDED: readonly string[] = [
  'picket_collector_lines_total',
  'picket_collector_packets_total',
  'picket_collector_unparsed_total{reason="not-firewall"}',
  'picket_collector_missed_records_total{source="kern"}',
  'picket_collector_spool_bytes',
  'picket_collector_spool_limit_bytes',
  'picket_collector_spool_oldest_seconds',
  'picket_collector_spool_dropped_packets_total{reason="size"}',
  'picket_collector_publish_seconds_count',
  'picket_detector_lag_records{stage="packets"}',
  'picket_detector_lag_seconds{stage="packets"}',
  'picket_detector_line_to_alert_seconds_count',
  'picket_detector_store_load_seconds_count',
  'picket_detector_store_commit_seconds_count',
  'picket_detector_refused_commits_total{reason="fenced"}',
  'picket_detector_replayed_packets_total',
  'picket_detector_rebuilds_total',
  'picket_detector_evicted_total',
  'picket_detector_dead_letters_total{reason="broken"}',
  'picket_detector_claims_total',
  'picket_responder_lag_records{topic="alerts"}',
  'picket_responder_lag_seconds{topic="alerts"}',
  'picket_responder_log_to_alert_seconds_count',
  'picket_responder_commit_seconds_count',
  'picket_responder_commits_refused_total{reason="fenced"}',
  'picket_responder_dead_letters_total{reason="broken"}',
  'picket_responder_blind_hosts',
]
const OF_EACH = ['picket_build_info', 'nodejs_eventloop_lag_seconds', 'process_resident_memory_bytes']

test('Prometheus has every number that an operator needs', async () => {
  const has = async (query: string): Promise<number> => (await prometheus.query(query)).length
  await waitUntil(async () => (await has('up == 1')) === 3, 'three targets that are up')
  await waitUntil(
    async () => (await has(`sum(picket_detector_observed_total) == ${PROBES}`)) === 1,
    'a scrape after the scan',
  )
  for (const query of NEEDED) assert.equal(await has(query), 1, query)
  for (const query of OF_EACH) assert.equal(await has(query), 3, query)
  const value = async (query: string): Promise<number> => (await prometheus.query(query))[0]?.value ?? -1
  assert.equal(await value('picket_collector_lines_total'), PROBES + 1)
  assert.equal(await value('picket_collector_packets_total'), PROBES)
  assert.equal(await value('picket_collector_unparsed_total{reason="not-firewall"}'), 1)
  assert.ok((await value('picket_detector_line_to_alert_seconds_count')) > 0)
})

test('a series that is there after a scan was there before it, so that no increase is missed', async () => {
  for (const one of all()) {
    const before = new Set(seriesOf(atStart.get(one) ?? ''))
    const ours = seriesOf(await metricsOf(one)).filter((name) => name.startsWith('picket_'))
    assert.deepEqual(
      ours.filter((name) => !before.has(name)),
      [],
      one.command.service,
    )
  }
})

/** Four numbers with dots, but no release; or what only IPv6 looks like. */
const ADDRESS = /"[^"]*(\b\d{1,3}(\.\d{1,3}){3}\b|[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f]*)[^"]*"/i

test('no label is an address or a host', async () => {
  for (const one of all()) {
    const labelled = seriesOf(await metricsOf(one)).filter((name) => name.includes('{'))
    assert.ok(labelled.length > 10)
    assert.deepEqual(
      labelled.filter((name) => ADDRESS.test(name) || name.includes('web1')),
      [],
    )
  }
})

test('a detector without Redis is alive and not ready, and ready again when Redis is back', async () => {
  const statusOf = async (path: string): Promise<number> => (await detector.get(path))?.status ?? 0
  assert.deepEqual([await statusOf('/healthz'), await statusOf('/readyz')], [200, 200])
  await fleet.redis.kill()
  await waitUntil(async () => (await statusOf('/readyz')) === 503, 'it to be not ready')
  assert.equal(await statusOf('/healthz'), 200)
  const words = await detector.get('/readyz')
  assert.match((await words?.text()) ?? '', /Redis cannot be reached/)
  await fleet.redis.start()
  await waitUntil(
    async () => (await statusOf('/readyz')) === 200,
    () => `it to be ready\n${detector.log()}`,
  )
})

test('a collector without a broker is ready, as its spool takes what it reads', async () => {
  const sources = [{ type: 'file', name: 'kern', path: join(fleet.folder, 'kern.log'), from: 'start' }]
  const lonely = await fleet.process('collector', { sources, kafka: { brokers: ['127.0.0.1:9'] } })
  lonely.start()
  await lonely.ready()
  await waitUntil(
    async () => (await lonely.metric('picket_collector_spool_bytes')) > 0,
    () => `something in its spool\n${lonely.log()}`,
  )
  assert.equal((await lonely.get('/healthz'))?.status, 200)
  assert.equal(await promtoolCheck(await metricsOf(lonely)), '0')
  await lonely.kill()
})
