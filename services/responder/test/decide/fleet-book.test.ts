import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Beat, BrokerClock, blindHosts, FleetBook, statesOf, versionsOf } from '../../src/index.ts'
import { type BeatPart, beat, HOUR, NOW } from './books.ts'

const ALWAYS = Number.NEGATIVE_INFINITY

function bookOf(...beats: readonly (readonly [Beat, number])[]): FleetBook {
  const book = new FleetBook()
  for (const [heard, brokerTime] of beats) book.hear(heard, brokerTime)
  book.keep()
  return book
}

function blind(book: FleetBook, now: number, since: number = ALWAYS): string[] {
  return blindHosts(book.all, now, since).map(({ reporter }) => reporter)
}

test('a host is blind when more than three heartbeats are missing, and not before', () => {
  const book = bookOf([beat(), NOW])
  assert.deepEqual(blind(book, NOW + 3_000), [])
  assert.deepEqual(blind(book, NOW + 3_001), ['web1'])
})

test('a host that said it was stopping is stopped, however long it is silent', () => {
  const book = bookOf([beat(), NOW], [beat({ state: 'stopping' }), NOW + 500])
  assert.deepEqual(blind(book, NOW + 100 * HOUR), [])
  assert.deepEqual([...statesOf(book.all, NOW + 100 * HOUR, ALWAYS).values()], ['stopped'])
})

test('a host that was never heard is unknown to the book', () => {
  assert.deepEqual(blind(new FleetBook(), NOW), [])
})

test('silence counts from when we began to listen', () => {
  const book = bookOf([beat(), NOW - HOUR])
  assert.deepEqual(blind(book, NOW + 2_000, NOW), [])
  assert.deepEqual(blind(book, NOW + 3_001, NOW), ['web1'])
})

test('what a host’s own clock says does not matter to whether it is heard, and is shown', () => {
  const book = bookOf([beat({ time: NOW - 5 * HOUR }), NOW])
  assert.deepEqual(blind(book, NOW + 1_000), [])
  assert.equal(book.all[0]?.aheadMs, -5 * HOUR)
})

test('a host is told blind once, and heard again once', () => {
  const book = bookOf([beat(), NOW])
  const [found, ...more] = book.newlyBlind(NOW + 4_000, ALWAYS)
  assert.ok(found !== undefined)
  assert.deepEqual(more, [])
  book.restore({ ...found, toldBlind: true })
  assert.deepEqual(book.newlyBlind(NOW + 9_000, ALWAYS), [])
  book.hear(beat({ time: NOW + 10_000 }), NOW + 10_000)
  assert.deepEqual(
    book.heardAgain.map(({ reporter }) => reporter),
    ['web1'],
  )
  book.keep()
  assert.deepEqual(book.heardAgain, [])
  assert.equal(book.newlyBlind(NOW + 14_000, ALWAYS).length, 1)
})

test('a process that crashed is not missed once another instance of its service has started on that machine', () => {
  const dead = beat({ service: 'detector', instance: '10@web1' })
  const older = beat({ service: 'detector', instance: '11@web1', started: NOW - HOUR })
  const newer = beat({ service: 'detector', instance: '12@web1', started: NOW + 1_000, time: NOW + 9_000 })
  const later = NOW + 9_000
  assert.deepEqual(blind(bookOf([dead, NOW], [{ ...older, time: later }, later]), later), ['web1'])
  assert.deepEqual(blind(bookOf([dead, NOW], [newer, later]), later), [])
})

test('a receipt for a ban shows that a known process lives, and makes no unknown one known', () => {
  const receipt = { ...beat({ time: NOW + 5_000 }), heartbeat: null }
  assert.deepEqual(bookOf([receipt, NOW]).all, [])
  assert.deepEqual(blind(bookOf([beat(), NOW], [receipt, NOW + 5_000]), NOW + 6_000), [])
})

test('a pace that cannot be meant makes nobody blind at once, nor never', () => {
  const hasty = bookOf([beat({ everyMs: -1 }), NOW])
  assert.deepEqual(blind(hasty, NOW + 300), [])
  const sleepy = bookOf([beat({ everyMs: Number.MAX_SAFE_INTEGER }), NOW])
  assert.deepEqual(blind(sleepy, NOW + 4 * HOUR), ['web1'])
})

test('versions are counted over what runs, and machines that were taken away are forgotten after a week', () => {
  const gone = beat({ reporter: 'old', version: '0.9.0', state: 'stopping' })
  const book = bookOf(
    [gone, NOW - 200 * HOUR],
    [beat(), NOW],
    [beat({ reporter: 'web2', version: '1.1.0' }), NOW],
  )
  assert.deepEqual({ ...versionsOf(book.all) }, { '1.0.0': 1, '1.1.0': 1 })
  assert.deepEqual(
    book.forget(NOW).map(({ reporter }) => reporter),
    ['old'],
  )
  assert.equal(book.all.length, 2)
})

test('our own clock is corrected by our own heartbeats', () => {
  const clock = new BrokerClock()
  assert.equal(clock.now(NOW), NOW)
  clock.heard(NOW + 2 * HOUR, NOW)
  assert.equal(clock.now(NOW + 2 * HOUR + 7), NOW + 7)
})

const BEATS: fc.Arbitrary<(BeatPart & { readonly at: number })[]> = fc.array(
  fc.record({
    reporter: fc.constantFrom('web1', 'web2', 'db1'),
    service: fc.constantFrom('collector', 'enforcer'),
    state: fc.constantFrom('running', 'running', 'stopping'),
    at: fc.integer({ min: 0, max: 20_000 }),
  }),
  { maxLength: 40 },
)

function heardInOrder(parts: readonly (BeatPart & { readonly at: number })[]): FleetBook {
  return bookOf(...parts.map((part) => [beat(part), NOW + part.at] as const))
}

test('property: whoever was heard within three beats is not blind, and nobody is blind before three are missing', () => {
  fc.assert(
    fc.property(BEATS, fc.integer({ min: 0, max: 30_000 }), (parts, at) => {
      const inOrder = [...parts].sort((a, b) => a.at - b.at)
      const book = heardInOrder(inOrder)
      const last = new Map(inOrder.map((part) => [`${part.service} ${part.reporter}`, part]))
      const expected = [...last.values()].filter((part) => part.state === 'running' && at - part.at > 3_000)
      const reporters = [...new Set(expected.map(({ reporter }) => reporter))].sort()
      assert.deepEqual(blind(book, NOW + at).sort(), reporters)
    }),
  )
})

test('property: replaying any part of what was heard changes nothing', () => {
  fc.assert(
    fc.property(BEATS, fc.nat(), fc.nat(), (parts, from, length) => {
      // two heartbeats of one process in the same millisecond have no order that the broker's time could tell
      const inOrder = [...parts].sort((a, b) => a.at - b.at)
      const apart = inOrder.map((part, place) => ({ ...part, at: part.at * 50 + place }))
      const first = from % (apart.length + 1)
      const again = apart.slice(first, first + (length % (apart.length + 1)))
      assert.deepEqual(heardInOrder([...apart, ...again]).all, heardInOrder(apart).all)
    }),
  )
})
