import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AllowEntry,
  AllowList,
  adopted,
  BanBook,
  type BanRecord,
  type BanRequest,
  bannedUntil,
  Confirmations,
  checkTopic,
  type Placing,
  TOMBSTONE_AFTER_MS,
  wideBans,
} from '../../src/index.ts'

const NOW = Date.UTC(2026, 10, 25)
const HOUR = 3_600_000

function requestOf(part: Partial<BanRequest> = {}): BanRequest {
  return { id: 'a', subject: '203.0.113.9', seconds: 3_600, hosts: [], why: 'scan', by: 'rule', ...part }
}

function placingOf(part: Partial<Placing> = {}): Placing {
  const caps = { perMinute: 5, total: 10, widestV4: 24, widestV6: 48 }
  const usage = { inForce: 0, lastMinute: 0 }
  return { now: NOW, allow: new AllowList(), caps, usage, mostSeconds: 86_400, ...part }
}

function entryOf(network: string, until: number | null = null): AllowEntry {
  return { network, until, comment: 'office', from: 'command' }
}

function bookWith(...subjects: readonly string[]): BanBook {
  const book = new BanBook()
  for (const subject of subjects) book.place(requestOf({ subject, id: subject }), placingOf())
  return book
}

test('a ban is the whole wish of its subject, and its revision is the microsecond at least', () => {
  const placed = new BanBook().place(requestOf(), placingOf())
  assert.ok(placed.ok)
  assert.deepEqual(placed.record.wishes, [{ hosts: [], from: NOW, until: NOW + HOUR, why: 'scan' }])
  assert.equal(placed.record.revision, NOW * 1000)
})

test('who lifts a ban has the last word over what was seen before, also where only the topic remembers it', () => {
  const book = bookWith('203.0.113.9')
  const lifted = book.lift('203.0.113.9', NOW + 10_000)
  assert.ok(lifted !== undefined)
  const fallenBack = new BanBook()
  fallenBack.put(adopted('203.0.113.9', { ...lifted, isOurs: true }, undefined))
  for (const each of [book, fallenBack]) {
    const late = { id: 'late', seenAt: NOW + 9_999 }
    const placed = each.place(requestOf(late), placingOf({ now: NOW + 20_000 }))
    assert.equal(!placed.ok && placed.reason.code, 'lifted')
    assert.ok(each.place(requestOf({ id: 'new', seenAt: NOW + 10_001 }), placingOf({ now: NOW + 20_000 })).ok)
  }
  const ended = bookWith('203.0.113.9')
  const again = ended.place(requestOf({ id: 'b', seenAt: NOW - 1 }), placingOf({ now: NOW + 2 * HOUR }))
  assert.ok(again.ok, 'a ban that ended by itself was lifted by nobody')
})

test('what somebody else claims on the topic keeps no rule from banning whom it names', () => {
  const book = new BanBook()
  book.reassert('203.0.113.9', (NOW + 23 * HOUR) * 1000, NOW)
  const placed = book.place(requestOf({ id: 'a', seenAt: NOW + 1 }), placingOf({ now: NOW + 2 }))
  assert.ok(placed.ok)
})

test('a lift that only the topic remembers stays there for a day, for hosts that are off now', () => {
  const lifted = bookWith('203.0.113.9').lift('203.0.113.9', NOW + 10_000)
  assert.ok(lifted !== undefined)
  const book = new BanBook()
  book.put(adopted('203.0.113.9', { ...lifted, isOurs: true }, undefined))
  assert.deepEqual(book.tombstones(NOW + TOMBSTONE_AFTER_MS), [])
  assert.equal(book.tombstones(NOW + 10_001 + TOMBSTONE_AFTER_MS).length, 1)
})

test('the same request again changes nothing; another one lengthens the ban and never shortens it', () => {
  const book = bookWith('203.0.113.9')
  const again = book.place(requestOf({ id: '203.0.113.9' }), placingOf({ now: NOW + 1 }))
  assert.ok(again.ok && !again.isNew)
  assert.equal(again.record.revision, NOW * 1000)
  const shorter = book.place(requestOf({ id: 'b', seconds: 1 }), placingOf({ now: NOW + 1 }))
  assert.ok(shorter.ok)
  assert.equal(bannedUntil(shorter.record, NOW), NOW + HOUR)
  assert.ok(shorter.record.revision > NOW * 1000)
  const elsewhere = book.place(requestOf({ id: 'c', hosts: ['web1'] }), placingOf())
  assert.equal(elsewhere.ok && elsewhere.record.wishes.length, 2)
})

test('no ban is placed for whom the allowlist names, for what is too wide, special, or beyond a cap', () => {
  const refused = (request: Partial<BanRequest>, placing: Partial<Placing> = {}): string => {
    const placed = new BanBook().place(requestOf(request), placingOf(placing))
    return placed.ok ? 'placed' : placed.reason.code
  }
  assert.equal(refused({}, { allow: new AllowList([entryOf('203.0.113.0/24')]) }), 'allowlisted')
  assert.equal(
    refused({ subject: '203.0.113.0/24' }, { allow: new AllowList([entryOf('203.0.113.9')]) }),
    'allowlisted',
  )
  assert.equal(refused({}, { allow: new AllowList([entryOf('203.0.113.0/24', NOW)]) }), 'placed')
  assert.equal(refused({ subject: '203.0.0.0/16' }), 'too-wide')
  assert.equal(refused({ subject: '2001::/16' }), 'too-wide')
  assert.equal(refused({ subject: '127.0.0.1' }), 'special-address')
  assert.equal(refused({}, { usage: { inForce: 10, lastMinute: 0 } }), 'cap-total')
  assert.equal(refused({}, { usage: { inForce: 0, lastMinute: 5 } }), 'cap-rate')
  assert.equal(refused({ by: 'hand' }, { usage: { inForce: 0, lastMinute: 5 } }), 'placed')
  assert.equal(refused({ by: 'hand' }, { usage: { inForce: 10, lastMinute: 0 } }), 'cap-total')
})

test('an entry of the allowlist lifts the bans that it covers, and those that would take it with them', () => {
  const book = bookWith('203.0.113.9', '203.0.112.0/24', '198.51.100.1')
  const lifted = book.liftCovered(new AllowList([entryOf('203.0.113.0/24'), entryOf('203.0.112.7')]), NOW + 1)
  assert.deepEqual(
    lifted.map(({ subject, wishes }) => [subject, wishes]),
    [
      ['203.0.113.9', []],
      ['203.0.112.0/24', []],
    ],
  )
  assert.ok(lifted.every(({ revision }) => revision > NOW * 1000))
})

test('what ended by itself is remembered, what was lifted is forgiven, and both go in the end', () => {
  const book = bookWith('203.0.113.9', '203.0.113.10')
  book.lift('203.0.113.10', NOW + 1)
  const later = placingOf({ now: NOW + 2 * HOUR })
  const past = ['203.0.113.9', '203.0.113.10'].map((subject) => {
    const placed = book.place(requestOf({ subject, id: 'later' }), later)
    return placed.ok ? placed.record.past.length : -1
  })
  assert.deepEqual(past, [1, 0])
  const end = NOW + 3 * HOUR + TOMBSTONE_AFTER_MS
  assert.deepEqual(book.tombstones(end), [])
  assert.equal(book.tombstones(end + 1).length, 2)
  for (const { subject } of book.tombstones(end + 1)) book.tombstoned(subject, end + 1)
  assert.deepEqual(book.tombstones(end + 1), [])
  const lengths = { factor: 2, capSeconds: 1, memorySeconds: 86_400 * 30, jitterPercent: 0 }
  assert.equal(book.forget(lengths, end + 1).length, 0)
  assert.equal(book.forget(lengths, end + 31 * 86_400_000).length, 2)
})

type Step = 'place' | 'lift' | 'reassert'

/** The revision after the step. */
function take(book: BanBook, step: Step, id: string, now: number, theirs: number): number {
  if (step === 'place') book.place(requestOf({ id }), placingOf({ now }))
  else if (step === 'lift') book.lift('203.0.113.9', now)
  else {
    const isCredible = theirs < (now + 24 * HOUR) * 1000
    assert.ok(book.reassert('203.0.113.9', theirs, now).revision > (isCredible ? theirs : 0))
  }
  return book.get('203.0.113.9')?.revision ?? 0
}

test('revisions of one subject always rise, whatever clock gave the last one', () => {
  const step = fc.tuple(
    fc.constantFrom<Step>('place', 'lift', 'reassert'),
    fc.integer({ min: 1, max: 2 ** 42 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 0, max: 2 ** 52 }), (steps, theirs) => {
      const book = new BanBook()
      let last = 0
      for (const [at, [kind, now]] of steps.entries()) {
        const revision = take(book, kind, `${at}`, now, theirs)
        assert.ok(revision >= last)
        last = revision
      }
    }),
  )
})

test('a revision that nobody could have given yet is no reason to follow it: later changes still rise', () => {
  for (const claimed of [2 ** 52 - 1, (NOW + 24 * HOUR) * 1000]) {
    const book = bookWith('203.0.113.9')
    const before = book.get('203.0.113.9')?.revision ?? 0
    assert.equal(book.reassert('203.0.113.9', claimed, NOW).revision, before + 1)
    assert.equal(book.reassert('203.0.113.10', claimed, NOW).revision, NOW * 1000)
    assert.ok((book.lift('203.0.113.9', NOW + 1)?.revision ?? 0) > before + 1)
  }
  // as of a responder whose clock was ahead
  const credible = (NOW + 24 * HOUR) * 1000 - 1
  assert.equal(bookWith('203.0.113.9').reassert('203.0.113.9', credible, NOW).revision, credible + 1)
})

function recordOf(revision: number): BanRecord {
  const wishes = [{ hosts: [], from: NOW, until: NOW + HOUR, why: 'scan' }]
  const rest = { past: [], requests: [], by: 'rule', end: NOW + HOUR, isTombstoned: false } as const
  return { subject: '203.0.113.9', wishes, revision, ...rest }
}

test('what lies on the topic is left, followed, or overruled', () => {
  const ours = recordOf(7)
  const there = (revision: number, isOurs = true) => ({ revision, wishes: ours.wishes, isOurs })
  assert.equal(checkTopic(undefined, undefined), 'same')
  assert.equal(checkTopic(ours, undefined), 'publish')
  assert.equal(checkTopic({ ...ours, isTombstoned: true }, undefined), 'same')
  assert.equal(checkTopic(ours, there(7)), 'same')
  assert.equal(checkTopic(ours, there(6)), 'publish')
  assert.equal(checkTopic(ours, there(8)), 'adopt')
  assert.equal(checkTopic(undefined, there(8)), 'adopt')
  assert.equal(checkTopic(undefined, there(8, false)), 'foreign')
  assert.equal(checkTopic(ours, there(8, false)), 'foreign')
  assert.equal(checkTopic(ours, there(7, false)), 'publish')
  assert.equal(checkTopic(ours, { ...there(7, false), wishes: [] }), 'foreign')
  assert.equal(bannedUntil(adopted('203.0.113.9', there(8), undefined), NOW), NOW + HOUR)
})

test('a network is banned only when enough of its sources are, and within the budget', () => {
  const policy = { sources: 3, v4Bits: 24, v6Bits: 56, most: 2 }
  const banned = (count: number, net: number): BanRecord[] =>
    Array.from({ length: count }, (_, host) => ({ ...recordOf(1), subject: `203.0.${net}.${host + 1}` }))
  const wide = (records: readonly BanRecord[]) => wideBans(records, policy, NOW).map(({ subject }) => subject)
  assert.deepEqual(wide(banned(2, 1)), [])
  assert.deepEqual(wide(banned(3, 1)), ['203.0.1.0/24'])
  const already = { ...recordOf(1), subject: '203.0.1.0/24' }
  assert.deepEqual(wide([...banned(3, 1), already]), [])
  assert.deepEqual(wide([...banned(3, 1), ...banned(4, 2), ...banned(5, 3)]), [
    '203.0.3.0/24',
    '203.0.2.0/24',
  ])
  assert.deepEqual(
    wide([...banned(3, 1), ...banned(4, 2), ...banned(5, 3), { ...already, subject: '192.0.2.0/24' }]),
    ['203.0.3.0/24'],
  )
  assert.deepEqual(
    wide(['1', '2', '3'].map((host) => ({ ...recordOf(1), subject: `2001:db8:0:${host}::/64` }))),
    ['2001:db8::/56'],
  )
  assert.deepEqual(wideBans(banned(9, 1), { ...policy, sources: 0 }, NOW), [])
})

test('who has done what a ban asks for is told by receipts of living enforcers', () => {
  const all = new Confirmations()
  for (const host of ['web1', 'web2', 'web3', 'web4'])
    all.heartbeat(host, { lastHeard: NOW, everyMs: 1_000, isRunning: host !== 'web4' })
  const answer = (outcome: string, revision = 7) => ({ revision, outcome, why: 'because' })
  all.answer('web1', '203.0.113.9', answer('applied'))
  all.answer('web1', '203.0.113.9', answer('failed', 6))
  all.answer('web2', '203.0.113.9', answer('refused'))
  all.answer('web3', '203.0.113.9', answer('applied', 6))
  assert.deepEqual(all.of(recordOf(7), NOW), {
    ...{
      hosts: 3,
      applied: ['web1'],
      refused: [{ host: 'web2', why: 'because' }],
      failed: [],
      missing: ['web3'],
    },
  })
  const [wish] = recordOf(7).wishes
  assert.ok(wish !== undefined)
  assert.equal(all.of({ ...recordOf(7), wishes: [{ ...wish, hosts: ['web3'] }] }, NOW).hosts, 1)
  assert.equal(all.of(recordOf(7), NOW + 3_001).hosts, 0)
})

test('a host that has refused a forged revision far ahead is heard again when it takes ours', () => {
  const all = new Confirmations()
  all.heartbeat('web1', { lastHeard: NOW, everyMs: 1_000, isRunning: true })
  all.answer('web1', '203.0.113.9', { revision: 2 ** 52 - 1, outcome: 'refused', why: 'bad-signature' })
  assert.equal(all.of(recordOf(NOW * 1000), NOW).refused.length, 1)
  all.answer('web1', '203.0.113.9', { revision: NOW * 1000, outcome: 'applied', why: '' })
  assert.deepEqual(all.of(recordOf(NOW * 1000), NOW).applied, ['web1'])
})
