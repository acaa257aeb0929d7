import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ControlError } from '@picket/runtime'
import { freePort } from '../../src/dev/free-port.ts'
import { askStatus } from '../../src/run/ask-status.ts'
import { freshFolder, GuardProcess, plainSettings } from './processes.ts'

const TRACES = new URL('../../../../../test/traces/', import.meta.url)
const SCAN = readFileSync(new URL('nmap-xmas.log', TRACES), 'latin1')
const SCAN_LINES = SCAN.split('\n').length - 1
const METRICS = { host: '127.0.0.1', port: 0 } as const

/** A port that was free a moment ago; the guard needs a fixed one, as its settings name it. */
const metricsAt = async (): Promise<{ host: string; port: number }> => ({
  ...METRICS,
  port: await freePort(),
})

const get = async (port: number, path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return { status: response.status, text: await response.text() }
}

test('a scan that is written to the log is told on standard output and found in the status', async () => {
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const guard = await new GuardProcess(plainSettings(folder)).started()
  appendFileSync(log, SCAN, 'latin1')
  const status = await guard.statusAt(SCAN_LINES)
  await guard.until(() => guard.alerts.length >= 3, 'three alerts')
  assert.deepEqual(
    status.incidents.map(({ source, level }) => [source, level]),
    [['203.0.113.12', 3]],
  )
  assert.equal(status.run.sources[0]?.state, 'open')
  assert.equal((await guard.status('203.0.113.12')).incidents.length, 1)
  assert.equal((await guard.status('198.51.100.1')).incidents.length, 0)
  await assert.rejects(guard.status('nonsense'), /nonsense is no address/)
  assert.equal(statSync(join(folder, 'state', 'control.sock')).mode & 0o777, 0o600)
  assert.equal(await guard.stop(), 0)
  await assert.rejects(
    askStatus(join(folder, 'state', 'control.sock')),
    (error: ControlError) => error.reason === 'absent',
  )
  rmSync(folder, { recursive: true })
})

test('SIGTERM ends it with everything saved', async (t) => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'kern.log'), SCAN, 'latin1')
  const first = await new GuardProcess(plainSettings(folder)).started()
  const before = await first.statusAt(SCAN_LINES)
  const began = performance.now()
  assert.equal(await first.stop(), 0)
  // Two seconds are promised to who has the processors.
  t.diagnostic(`it ended within ${(performance.now() - began).toFixed(0)} ms`)
  const second = await new GuardProcess(plainSettings(folder)).started()
  const after = await second.status()
  assert.deepEqual(after.incidents, before.incidents)
  assert.deepEqual([after.lines, after.packets], [before.lines, before.packets])
  assert.deepEqual(second.alerts, [], 'nothing is told twice')
  await second.stop()
  rmSync(folder, { recursive: true })
})

test('what was journalled is known after a kill though its file is gone', async () => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'kern.log'), SCAN, 'latin1')
  const first = await new GuardProcess(plainSettings(folder)).started()
  const before = await first.statusAt(SCAN_LINES)
  await first.until(async () => (await first.status()).run.alertsWaiting === 0, 'all alerts to be told')
  await first.stop('SIGKILL')
  rmSync(join(folder, 'kern.log'))
  const second = await new GuardProcess(plainSettings(folder)).started()
  assert.deepEqual((await second.status()).incidents, before.incidents)
  assert.deepEqual([first.alerts.length, second.alerts.length], [3, 0], 'what was told is not told again')
  await second.stop()
  rmSync(folder, { recursive: true })
})

test('SIGHUP takes a new configuration over, and refuses a faulty one while the old one holds', async () => {
  const folder = freshFolder()
  const file = join(folder, 'settings.json')
  writeFileSync(join(folder, 'kern.log'), '')
  const settings = plainSettings(folder)
  const guard = await new GuardProcess(settings, file).started()
  writeFileSync(file, '{ nonsense')
  guard.child.kill('SIGHUP')
  await guard.until(() => guard.log.includes('is refused'), 'a refusal')
  const other = join(folder, 'other.log')
  writeFileSync(other, SCAN, 'latin1')
  const sources = [...settings.sources, { type: 'file', name: 'other', path: other, from: 'start' } as const]
  writeFileSync(file, JSON.stringify({ ...settings, sources, allow: ['203.0.113.12'] }))
  guard.child.kill('SIGHUP')
  await guard.until(() => guard.log.includes('holds now'), 'the new configuration')
  const status = await guard.statusAt(SCAN_LINES)
  assert.deepEqual(
    status.run.sources.map(({ name }) => name),
    ['kern', 'other'],
  )
  assert.deepEqual(status.incidents, [], 'the new allowlist holds')
  assert.equal(status.ignored, SCAN_LINES)
  assert.equal(await guard.stop(), 0)
  rmSync(folder, { recursive: true })
})

test('a second run on the same state folder is refused with the number of the first', async () => {
  const folder = freshFolder()
  const first = await new GuardProcess(plainSettings(folder)).started()
  const second = new GuardProcess(plainSettings(folder))
  assert.equal(await second.ended, 2)
  assert.match(second.log, new RegExp(`in use by process ${first.child.pid}`))
  await first.stop()
  rmSync(folder, { recursive: true })
})

test('metrics name every known label with 0 before anything has come, and no address after', async () => {
  const folder = freshFolder()
  const metrics = await metricsAt()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const guard = await new GuardProcess(plainSettings(folder, { metrics })).started()
  const before = await get(metrics.port, '/metrics')
  for (const line of [
    'picket_collector_lines_total 0',
    'picket_collector_unparsed_total{reason="not-firewall"} 0',
    'picket_detector_alerts_total{level="5"} 0',
    'picket_responder_alerts_told_total{sink="stdout"} 0',
    'picket_collector_missed_records_total{source="kern"} 0',
  ]) {
    assert.ok(before.text.includes(`${line}\n`), line)
  }
  assert.match(before.text, /^picket_build_info\{version="[^"]+",node="v[^"]+"\} 1$/m)
  assert.match(before.text, /^nodejs_eventloop_lag_seconds /m)
  appendFileSync(log, SCAN, 'latin1')
  await guard.statusAt(SCAN_LINES)
  await guard.until(() => guard.alerts.length >= 3, 'three alerts')
  const after = await get(metrics.port, '/metrics')
  assert.ok(after.text.includes(`picket_collector_lines_total ${SCAN_LINES}\n`))
  assert.ok(!after.text.includes('203.0.113.12'))
  assert.deepEqual(
    [(await get(metrics.port, '/healthz')).status, (await get(metrics.port, '/readyz')).status],
    [200, 200],
  )
  assert.equal((await get(metrics.port, '/nothing')).status, 404)
  await guard.stop()
  rmSync(folder, { recursive: true })
})

test('a port that is taken is said in words and nothing is left behind', async () => {
  const folder = freshFolder()
  const metrics = await metricsAt()
  const first = await new GuardProcess(plainSettings(folder, { metrics })).started()
  const second = new GuardProcess({ ...plainSettings(folder, { metrics }), state: join(folder, 'other') })
  assert.equal(await second.ended, 2)
  assert.match(second.log, /the port is taken/)
  await first.stop()
  rmSync(folder, { recursive: true })
})

test('a reader that goes away ends it cleanly', async () => {
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const guard = await new GuardProcess(plainSettings(folder)).started()
  guard.child.stdout?.destroy()
  appendFileSync(log, SCAN, 'latin1')
  assert.equal(await guard.ended, 0)
  assert.match(guard.log, /nobody reads the alerts/)
  rmSync(folder, { recursive: true })
})

test('the end of standard input is the end of the run, after its last line was judged', async () => {
  const folder = freshFolder()
  const sources = [{ type: 'stdin', name: 'stdin' } as const]
  const guard = await new GuardProcess(plainSettings(folder, { sources })).started()
  guard.child.stdin?.end(SCAN, 'latin1')
  assert.equal(await guard.ended, 0)
  assert.deepEqual(
    guard.alerts.map(({ incident }) => incident.level),
    [1, 2, 3],
  )
  rmSync(folder, { recursive: true })
})

test("ulogd's packets over its socket are judged as lines of a file are", async () => {
  const folder = freshFolder()
  const path = join(folder, 'ulogd.sock')
  const socket = { type: 'socket', name: 'ulogd', path } as const
  const guard = await new GuardProcess(plainSettings(folder, { sources: [socket] })).started()
  const lines = readFileSync(new URL('nflog-syn.json', TRACES), 'utf8')
  createConnection(path).end(lines)
  const status = await guard.statusAt(lines.split('\n').length - 1)
  const sources = status.incidents.map(({ source }) => source)
  assert.ok(sources.includes('203.0.113.30') && sources.includes('fd77:1::130'), sources.join())
  await guard.stop()
  rmSync(folder, { recursive: true })
})

test('at a thousand lines a second each first alert is told, and how soon is printed', async (t) => {
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const guard = await new GuardProcess(plainSettings(folder)).started()
  const writtenAt = new Map<string, number>()
  const tookMs: number[] = []
  let seen = 0
  guard.child.stdout?.on('data', () => {
    const { alerts } = guard
    for (; seen < alerts.length; seen++) {
      const source = alerts[seen]?.incident.source ?? ''
      const at = writtenAt.get(source)
      if (alerts[seen]?.revision === 1 && at !== undefined) tookMs.push(performance.now() - at)
    }
  })
  const stamp = new Date().toISOString().slice(0, 19)
  // Ten lines each ten ms; the source of each ten reaches its first alert with them.
  for (let turn = 0; turn < 300; turn++) {
    const source = `198.18.${turn >> 8}.${turn & 255}`
    const dports = [22, 80, 443, 8080, 3389, 5900, 21, 23, 25, 110]
    const lines = dports.map((port) => {
      return `${stamp}Z host1 kernel: DROP IN=eth0 OUT= SRC=${source} DST=10.0.0.5 LEN=44 TOS=0x00 PREC=0x00 TTL=50 ID=${turn * 10 + port} PROTO=TCP SPT=40000 DPT=${port} WINDOW=1024 RES=0x00 SYN URGP=0 \n`
    })
    writtenAt.set(source, performance.now())
    appendFileSync(log, lines.join(''))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await guard.until(() => tookMs.length >= 295, 'the alerts')
  tookMs.sort((a, b) => a - b)
  const p99 = tookMs[Math.floor(tookMs.length * 0.99)] as number
  t.diagnostic(
    `p50 ${tookMs[tookMs.length >> 1]?.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${tookMs.length}`,
  )
  // The promise is p99 under 100 ms; it is measured by bench:live, where nothing else has the processors.
  await guard.stop()
  rmSync(folder, { recursive: true })
})
