import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PLAIN_PAGE } from '../src/report/page.ts'
import { fleetDocument } from '../src/status/fleet-document.ts'
import { isOfFleet } from '../src/status/fleet-socket.ts'
import { renderFleet } from '../src/status/render-fleet.ts'
import { COLOURED } from '../src/terminal/palette.ts'
import { VIEW } from './fleet-fixture.ts'

const FILE = fileURLToPath(new URL('../../test/golden/fleet.txt', import.meta.url))

test('the status of a fleet shows the blind first, then hosts and centre, then the report', () => {
  const text = renderFleet(fleetDocument(VIEW, 'picket'), PLAIN_PAGE)
  if (process.env['PICKET_GOLDEN'] === 'rewrite') writeFileSync(FILE, text)
  assert.equal(text, readFileSync(FILE, 'utf8'))
})

test('a blind host is red', () => {
  const text = renderFleet(fleetDocument(VIEW, 'picket'), { ...PLAIN_PAGE, palette: COLOURED })
  assert.ok(text.includes(COLOURED.red('  ! blind host web2: collector silent for 1 min 35 s')), text)
})

test('the document has the fields of a report and, beside them, those of the fleet', () => {
  const { fleet, ...report } = fleetDocument(VIEW, 'picket')
  assert.deepEqual(
    report.incidents.map(({ id, level, partOf }) => [id[0], level, partOf?.[0]]),
    [
      ['0', 4, undefined],
      ['1', 3, undefined],
      ['2', 1, '1'],
    ],
  )
  assert.deepEqual([report.packets, report.ignored, report.sources], [2_143, 12, 2])
  assert.deepEqual(report.top.sources[0], { source: '203.0.113.9', packets: 1_994, level: 4 })
  assert.deepEqual(
    fleet.hosts.map(({ reporter, state }) => [reporter, state]),
    [
      ['web2', 'blind'],
      ['printer', 'unknown'],
      ['web1', 'running'],
      ['old1', 'stopped'],
    ],
  )
  assert.deepEqual(fleet.lag, {
    packets: { records: 1_200, seconds: 4 },
    contacts: { records: 7, seconds: null },
    alerts: { records: 0, seconds: 0 },
    receipts: { records: 0, seconds: 0 },
  })
  assert.deepEqual(fleet.versions, { '0.1.0': 4, '0.0.9': 1 })
  assert.deepEqual([fleet.missing, fleet.repeated, fleet.late, fleet.ahead], [2, 1, 4, 5])
})

test('asked for one source it tells that one’s incidents, and those that it is a member of', () => {
  const of = (source: unknown): string[] =>
    fleetDocument(VIEW, 'picket', source).incidents.map(({ id }) => id.slice(0, 1))
  assert.deepEqual(of('198.51.100.1'), ['1', '2'])
  assert.deepEqual(of('203.0.113.9'), ['0'])
  assert.throws(() => of('web1'), /web1 is no address/)
})

test('while the responder cannot hear, it calls nobody blind', () => {
  assert.deepEqual(fleetDocument({ ...VIEW, listeningSince: VIEW.now }, 'picket').fleet.blind, [])
})

test('text of strangers stays on its line', () => {
  const processes = VIEW.processes.map((process) => ({
    ...process,
    reporter: 'web\n\x1b[2J',
    version: '\n1',
  }))
  const text = renderFleet(fleetDocument({ ...VIEW, processes }, 'picket'), PLAIN_PAGE)
  assert.equal(text.includes('\x1b'), false)
})

test('a configuration that names Kafka or a responder is that of a fleet', () => {
  assert.deepEqual(
    [{}, { alerts: {} }, { responder: {} }, { kafka: null }, null].map((value) => isOfFleet({ value })),
    [false, false, true, true, false],
  )
})
