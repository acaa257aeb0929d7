import assert from 'node:assert/strict'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../../src/dev/free-port.ts'
import { freshFolder, GuardProcess, plainSettings } from './processes.ts'

const STAMP = '2026-11-23T12:00:00Z host1 kernel: DROP IN=eth0 OUT= MAC= '
const SOURCES = 100_000
const REMEMBERED = 5_000

const lineOf = (source: string, port: number, id: number): string =>
  `${STAMP}SRC=${source} DST=10.0.0.5 LEN=44 TOS=0x00 PREC=0x00 TTL=50 ID=${id & 65_535} PROTO=TCP SPT=40000 DPT=${port} WINDOW=1024 RES=0x00 SYN URGP=0 \n`

/** The names and labels of all series; histograms of Node itself come and go with its collections. */
async function seriesAt(port: number): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const series = text.split('\n').filter((line) => line.startsWith('picket_'))
  return series.map((line) => line.slice(0, line.lastIndexOf(' '))).sort()
}

test('a flood of made-up sources is bounded and counted, adds no series to the metrics, and the scanner among them is found', async (t) => {
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const metrics = { host: '127.0.0.1', port: await freePort() }
  const settings = plainSettings(folder, { memory: { sources: REMEMBERED }, metrics })
  const guard = await new GuardProcess(settings).started()
  const before = await seriesAt(metrics.port)
  let lines = 0
  let text = ''
  for (let n = 0; n < SOURCES; n++) {
    text += lineOf(`${11 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.7`, 445, n)
    lines++
    if (n % 500 === 0) {
      text += lineOf('203.0.113.99', 1 + n / 500, n)
      lines++
    }
    if (text.length > 1_000_000 || n === SOURCES - 1) {
      appendFileSync(log, text)
      text = ''
    }
  }
  const status = await guard.statusAt(lines)
  const scanner = status.incidents.find(({ source }) => source === '203.0.113.99')
  assert.equal(scanner?.level, 3)
  assert.equal(scanner?.contacts, SOURCES / 500)
  assert.ok(status.run.tracked <= REMEMBERED)
  const evicted = Object.values(status.run.evicted).reduce((sum, count) => sum + count, 0)
  assert.equal(evicted + status.run.tracked, SOURCES + 1)
  assert.deepEqual(await seriesAt(metrics.port), before)
  t.diagnostic(`${lines} lines, evicted ${JSON.stringify(status.run.evicted)}`)
  await guard.stop()
  rmSync(folder, { recursive: true })
})
