import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { ReportDocument } from '../src/report/document.ts'
import { PLAIN_PAGE } from '../src/report/page.ts'
import { jsonPieces } from '../src/report/print-json.ts'
import { renderReport } from '../src/report/report.ts'
import { COLOURED } from '../src/terminal/palette.ts'
import { REPORT, SCAN } from './report-fixture.ts'

const EMPTY: ReportDocument = {
  ...REPORT,
  lines: 120,
  packets: 0,
  unparsed: 120,
  ignored: 0,
  from: null,
  to: null,
  incidents: [],
  observed: {},
  top: { sources: [], ports: [], signatures: [], prefixes: [] },
  protocols: {},
  unparsedReasons: { 'not-firewall': 120 },
  repeats: 0,
  sources: 0,
  reporters: [],
  timeline: null,
}

/** PICKET_GOLDEN=rewrite writes the files anew; the diff is what gets reviewed. */
function assertGolden(name: string, text: string): void {
  const file = fileURLToPath(new URL(`../../test/golden/${name}`, import.meta.url))
  if (process.env['PICKET_GOLDEN'] === 'rewrite') writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'))
}

test('the report shows the worst first, then the lists, then the totals', () => {
  assertGolden('report.txt', renderReport(REPORT, PLAIN_PAGE))
})

test('the report of a narrow terminal keeps within 80 columns', () => {
  const text = renderReport(REPORT, { ...PLAIN_PAGE, columns: 80 })
  assertGolden('report-80.txt', text)
  assert.ok(text.split('\n').every((line) => line.length <= 80))
})

test('a log without any firewall line is answered with what to check', () => {
  assertGolden('report-no-firewall-lines.txt', renderReport(EMPTY, PLAIN_PAGE))
})

test('a log without a scanner says so, and what the packets were', () => {
  const quiet = { ...REPORT, incidents: [], observed: { reply: 55 } }
  const text = renderReport(quiet, PLAIN_PAGE)
  assert.match(text, /No source deserves an alert\./)
  assert.match(text, /Observed +reply 55/)
})

test('more incidents than --top are counted, not shown', () => {
  const many = { ...REPORT, incidents: Array.from({ length: 5 }, () => SCAN) }
  assert.match(renderReport(many, { ...PLAIN_PAGE, top: 2 }), /… 3 more: --top 5 or --json shows all/)
})

test('colour changes nothing but colour', () => {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
  const coloured = renderReport(REPORT, { ...PLAIN_PAGE, palette: COLOURED })
  assert.notEqual(coloured, renderReport(REPORT, PLAIN_PAGE))
  assert.equal(coloured.replace(escapes, ''), renderReport(REPORT, PLAIN_PAGE))
})

test('whatever a log says, the report holds no control character but its own line ends', () => {
  const hostile = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(
    fc.property(hostile, hostile, hostile, (a, b, c) => {
      const text = renderReport(
        {
          ...REPORT,
          incidents: [{ ...SCAN, source: a, reporters: [b], reasons: [c], techniques: [a], hosts: [b, c] }],
          top: {
            ...REPORT.top,
            prefixes: [{ prefix: a, packets: 1 }],
            sources: [{ source: b, packets: 1, level: 0 }],
          },
          reporters: [{ reporter: c, packets: 1 }],
          files: [{ name: a, lines: 1, packets: 1, fault: b }],
          protocols: { [c]: 1 },
          policy: b,
        },
        PLAIN_PAGE,
      )
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('the document as JSON is the document, with a line for each incident', () => {
  const text = [...jsonPieces(REPORT)].join('')
  assert.deepEqual(JSON.parse(text), REPORT)
  assert.equal(text.split('\n').filter((line) => line.includes('"vertical_scan"')).length, 1)
  assert.deepEqual(JSON.parse([...jsonPieces(EMPTY)].join('')), EMPTY)
})

test('an incident of many names their network, what they have in common, and the first of them', () => {
  const members = Array.from({ length: 40 }, (_, i) => `198.51.100.${11 + i}`)
  const many = {
    ...SCAN,
    source: null,
    prefix: '198.51.100.0/24',
    target: '10.77.0.17',
    members,
    bannable: false,
  }
  const text = renderReport({ ...REPORT, incidents: [many] }, PLAIN_PAGE)
  assert.match(text, /198\.51\.100\.0\/24 → 10\.77\.0\.17/)
  assert.match(text, /from +198\.51\.100\.11, 198\.51\.100\.12, /)
  assert.match(text, /… 40 in all/)
  assert.match(text, /997 new contacts, 40 sources/)
})
