import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IncidentBook, type Judgement, type Raised, STALE_MS } from '../../src/index.ts'
import { type AlertPart, HOUR, NOW, raised } from './books.ts'

/** What each alert comes to, one after the other and each stored. */
function judged(book: IncidentBook, alerts: readonly Raised[], now: number = NOW): string[] {
  return alerts.map((alert) => {
    const { reason } = book.weigh(alert, now)
    book.keep()
    return reason
  })
}

test('the first alert of an incident is told, and the same one again is not', () => {
  assert.deepEqual(judged(new IncidentBook(), [raised({}), raised({})]), ['opened', 'known'])
})

test('an older revision, or another alert of the same one, changes nothing', () => {
  const book = new IncidentBook()
  judged(book, [raised({ revision: 3, level: 2 })])
  const before = book.standing('a')
  assert.deepEqual(judged(book, [raised({ revision: 2, level: 5 }), raised({ revision: 3, level: 5 })]), [
    'older',
    'older',
  ])
  assert.deepEqual(book.standing('a'), before)
})

test('a higher level is told, and so is a new kind', () => {
  const alerts = [
    raised({ level: 1 }),
    raised({ revision: 2, level: 3 }),
    raised({ revision: 3, level: 3, kinds: ['vertical_scan', 'stealth_scan'] }),
    raised({ revision: 4, level: 3, kinds: ['stealth_scan'] }),
  ]
  assert.deepEqual(judged(new IncidentBook(), alerts), ['opened', 'level', 'kinds', 'nothing-new'])
})

test('a kind that was withdrawn and comes back is not told a second time', () => {
  const alerts = [
    raised({ kinds: ['slow_scan'] }),
    raised({ revision: 2, kinds: ['vertical_scan'] }),
    raised({ revision: 3, kinds: ['slow_scan', 'vertical_scan'] }),
  ]
  assert.deepEqual(judged(new IncidentBook(), alerts), ['opened', 'kinds', 'nothing-new'])
})

test('an alert whose evidence is older than an hour is only recorded', () => {
  const book = new IncidentBook()
  const justFresh = raised({ incident: 'b', time: NOW - STALE_MS })
  assert.deepEqual(judged(book, [raised({ time: NOW - STALE_MS - 1 }), justFresh]), ['stale', 'opened'])
  assert.equal(book.standing('a')?.told, null)
  assert.equal(book.size, 2)
})

test('an incident that was only recorded is told with its next fresh alert, though that adds nothing to the record', () => {
  const alerts = [raised({ level: 4, time: NOW - 2 * HOUR }), raised({ revision: 2, level: 4 })]
  assert.deepEqual(judged(new IncidentBook(), alerts), ['stale', 'opened'])
})

test('what the store refused is weighed anew, as if it had never come', () => {
  const book = new IncidentBook()
  assert.equal(book.weigh(raised({}), NOW).tell, true)
  book.discard()
  assert.equal(book.size, 0)
  assert.equal(book.weigh(raised({}), NOW).tell, true)
})

test('incidents not seen for the time they are kept are forgotten and named, and so are those beyond the bound', () => {
  const book = new IncidentBook({ keptMs: 10 * HOUR, most: 2 })
  judged(book, [
    raised({ incident: 'old', time: NOW - 11 * HOUR }),
    raised({ incident: 'a', time: NOW - 3 }),
    raised({ incident: 'b', time: NOW - 2 }),
    raised({ incident: 'c', time: NOW - 1 }),
  ])
  assert.deepEqual(book.forget(NOW), ['a', 'old'])
  assert.equal(book.size, 2)
  assert.deepEqual(book.forget(NOW + 11 * HOUR).sort(), ['b', 'c'])
})

const KINDS = ['vertical_scan', 'slow_scan', 'block_scan'] as const
const ALERTS: fc.Arbitrary<AlertPart[]> = fc.array(
  fc.record({
    incident: fc.constantFrom('a', 'b', 'c'),
    revision: fc.integer({ min: 1, max: 8 }),
    level: fc.integer({ min: 1, max: 5 }),
    kinds: fc.subarray([...KINDS], { minLength: 1 }),
    time: fc.constantFrom(NOW - 2 * HOUR, NOW - 1, NOW),
  }),
  { maxLength: 40 },
)

function standings(book: IncidentBook): unknown {
  return ['a', 'b', 'c'].map((incident) => book.standing(incident))
}

test('property: repeating any part of what came changes nothing and tells nothing', () => {
  fc.assert(
    fc.property(ALERTS, fc.nat(), (parts, at) => {
      const alerts = parts.map(raised)
      const book = new IncidentBook()
      judged(book, alerts)
      const before = standings(book)
      const again = alerts.slice(at % (alerts.length + 1))
      const judgements: Judgement[] = again.map((alert) => book.weigh(alert, NOW))
      assert.ok(judgements.every(({ tell }) => !tell))
      assert.deepEqual(standings(book), before)
    }),
  )
})

test('property: where the cuts between commits fall, and how often one is refused, changes neither books nor judgements', () => {
  fc.assert(
    fc.property(ALERTS, fc.array(fc.integer({ min: 1, max: 5 })), (parts, sizes) => {
      const alerts = parts.map(raised)
      const whole = new IncidentBook()
      const expected = judged(whole, alerts)
      const cut = new IncidentBook()
      const reasons: string[] = []
      for (let at = 0, turn = 0; at < alerts.length; turn++) {
        const chunk = alerts.slice(at, at + (sizes[turn % Math.max(1, sizes.length)] ?? 3))
        for (const alert of chunk) cut.weigh(alert, NOW)
        cut.discard()
        reasons.push(...chunk.map((alert) => cut.weigh(alert, NOW).reason))
        cut.keep()
        at += chunk.length
      }
      assert.deepEqual(reasons, expected)
      assert.deepEqual(standings(cut), standings(whole))
    }),
  )
})

test('property: an alert is told exactly when it is fresh, of a new revision, and exceeds all that was told of its incident', () => {
  fc.assert(
    fc.property(ALERTS, (parts) => {
      const book = new IncidentBook()
      const told = new Map<string, Raised[]>()
      const seen = new Map<string, number>()
      for (const alert of parts.map(raised)) {
        const { id, level, kinds } = alert.incident
        const before = told.get(id) ?? []
        const exceeds =
          before.length === 0 ||
          before.every(({ incident }) => incident.level < level) ||
          kinds.some((kind) => before.every(({ incident }) => !incident.kinds.includes(kind)))
        const isNew = alert.revision > (seen.get(id) ?? 0)
        const { tell } = book.weigh(alert, NOW)
        book.keep()
        assert.equal(tell, isNew && exceeds && alert.time >= NOW - STALE_MS)
        seen.set(id, Math.max(seen.get(id) ?? 0, alert.revision))
        if (tell) told.set(id, [...before, alert])
      }
    }),
  )
})
