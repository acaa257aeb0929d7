/** The plan against a model of the kernel: whatever is wished, and whatever is there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Prefix, parsePrefix, prefixContains, printPrefix } from '@picket/schemas'
import fc from 'fast-check'
import type { KernelElement } from '../../src/enforce/kernel-bans.ts'
import { NeverBan, type NeverEntry } from '../../src/enforce/never-ban.ts'
import {
  type BanPlan,
  type Caps,
  LONGEST_SECONDS,
  planBans,
  type Wished,
} from '../../src/enforce/plan-bans.ts'

const NOW = 1_764_000_000_000
const CAPS: Caps = { total: 100, widestV4: 24, widestV6: 64, longestSeconds: LONGEST_SECONDS }
const NONE = new NeverBan([], NOW)

function wish(subject: string, seconds: number, admittedAt = NOW): Wished {
  return { subject, until: NOW + seconds * 1_000, admittedAt }
}

function prefix(text: string): Prefix {
  const read = parsePrefix(text)
  assert.ok(read !== undefined)
  return read
}

/** What the kernel holds once the plan is done. */
function done(kernel: readonly KernelElement[], plan: BanPlan): KernelElement[] {
  const held = new Map(kernel.map(({ subject, seconds }) => [subject, seconds]))
  for (const { text } of plan.lift) assert.ok(held.delete(text), `${text} is lifted but absent`)
  for (const { subject, seconds } of plan.add) {
    assert.ok(!held.has(subject.text), `${subject.text} is added twice`)
    held.set(subject.text, seconds)
  }
  for (const { subject, seconds } of plan.renew) {
    assert.ok(held.has(subject.text), `${subject.text} is renewed but absent`)
    held.set(subject.text, seconds)
  }
  return [...held].map(([subject, seconds]) => ({ subject, seconds }))
}

/** Few addresses, so that they meet. */
const anySubject = fc.oneof(
  fc.integer({ min: 0, max: 15 }).map((n) => `203.0.113.${n}`),
  fc.constantFrom('203.0.113.0/24', '203.0.113.0/28', '203.0.113.8/29', '198.51.100.0/23', '0.0.0.0/0'),
  fc.constantFrom('2001:db8::/64', '2001:db8::1', '2001:db8:0:1::/64', '2001:db8::/48', '::/0'),
  fc.constantFrom(
    '127.0.0.1',
    'fe80::1',
    '224.0.0.5',
    '010.0.0.1',
    '203.0.113.1; flush ruleset',
    '',
    '::ffff:1.2.3.4',
  ),
)

const anyWishes = fc.uniqueArray(
  fc.record({
    subject: anySubject,
    until: fc.oneof(
      fc.integer({ min: NOW - 10_000, max: NOW + 900_000_000 }),
      fc.constantFrom(NOW, Number.NaN, Number.POSITIVE_INFINITY),
    ),
    admittedAt: fc.integer({ min: NOW - 5_000, max: NOW + 5_000 }),
  }),
  { selector: ({ subject }) => subject, maxLength: 24 },
)

const anyKernel = fc.uniqueArray(
  fc.record({
    subject: anySubject.filter((text) => {
      const read = parsePrefix(text)
      return read !== undefined && printPrefix(read) === text
    }),
    seconds: fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.constant(Number.POSITIVE_INFINITY)),
  }),
  { selector: ({ subject }) => subject, maxLength: 24 },
)

const anyNever = fc
  .array(
    fc.constantFrom(
      '203.0.113.3',
      '203.0.113.8/30',
      '203.0.112.0/22',
      '2001:db8::1',
      '198.51.100.77',
      '2001:db8:0:1::/64',
    ),
    { maxLength: 3 },
  )
  .map((texts) =>
    texts.map((text): NeverEntry => ({ prefix: prefix(text), reason: 'allowlisted', note: text })),
  )

const anyInput = fc
  .record({ wished: anyWishes, kernel: anyKernel, never: anyNever, total: fc.integer({ min: 0, max: 12 }) })
  .map(({ wished, kernel, never, total }) => ({
    entries: never,
    input: { wished, kernel, never: new NeverBan(never, NOW), caps: { ...CAPS, total }, now: NOW },
  }))

test('what is protected wins over every wish', () => {
  fc.assert(
    fc.property(anyInput, ({ entries, input }) => {
      for (const { subject } of done(input.kernel, planBans(input))) {
        const held = prefix(subject)
        for (const entry of entries) {
          const touches =
            prefixContains(held, entry.prefix.address) || prefixContains(entry.prefix, held.address)
          assert.ok(!touches, `${subject} touches ${entry.note}`)
        }
        assert.ok(
          input.never.find({
            text: subject,
            prefix: held,
            family: 4,
            isHost: held.bits === 128,
            length: 0,
          }) === undefined,
        )
      }
    }),
  )
})

test('a plan that is done leaves nothing to do', () => {
  fc.assert(
    fc.property(anyInput, ({ input }) => {
      const kernel = done(input.kernel, planBans(input))
      const again = planBans({ ...input, kernel })
      assert.deepEqual([again.add, again.renew, again.lift], [[], [], []])
    }),
  )
})

test('nothing is in the kernel but what is wished and within the caps, each with its end', () => {
  fc.assert(
    fc.property(anyInput, ({ input }) => {
      const held = done(input.kernel, planBans(input))
      assert.ok(held.length <= input.caps.total)
      const ends = new Map(input.wished.map(({ subject, until }) => [subject, until]))
      for (const { subject, seconds } of held) {
        const left = ((ends.get(subject) ?? 0) - NOW) / 1_000
        assert.ok(left > 0 && seconds > 0)
        assert.ok(seconds <= Math.min(left + 3, LONGEST_SECONDS), `${subject}: ${seconds} of ${left}`)
        assert.ok(prefix(subject).bits >= (subject.includes(':') ? 64 : 96 + 24), subject)
      }
    }),
  )
})

test('every wish is done, refused with a reason, or within a wider one', () => {
  fc.assert(
    fc.property(anyInput, ({ input }) => {
      const plan = planBans(input)
      const said = [...done(input.kernel, plan), ...plan.refused].map(({ subject }) => subject)
      const covered = plan.covered.map(({ subject }) => subject.text)
      const wished = input.wished.map(({ subject }) => subject)
      assert.deepEqual([...said, ...covered].sort(), wished.sort())
    }),
  )
})

test('no two prefixes in the kernel overlap', () => {
  fc.assert(
    fc.property(anyInput, ({ input }) => {
      const nets = done(input.kernel, planBans(input))
        .map(({ subject }) => prefix(subject))
        .filter(({ bits }) => bits < 128)
      for (const a of nets)
        for (const b of nets) assert.ok(a === b || !prefixContains(a, b.address), printPrefix(a))
    }),
  )
})

test('planned later, the same wish never lasts longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000_000 }),
      fc.integer({ min: 0, max: 5_000_000 }),
      (length, pause) => {
        const wished = [wish('203.0.113.9', length)]
        const seconds = (now: number): number =>
          planBans({ wished, kernel: [], never: NONE, caps: CAPS, now }).add[0]?.seconds ?? 0
        assert.ok(seconds(NOW + pause) <= seconds(NOW))
        if (length <= LONGEST_SECONDS && pause < length * 1_000)
          assert.ok(seconds(NOW + pause) <= Math.ceil(length - pause / 1_000))
      },
    ),
  )
})

test('bans that run keep their places when there are too many', () => {
  const kernel = [{ subject: '203.0.113.2', seconds: 60 }]
  const wished = [
    wish('203.0.113.1', 60, NOW - 9),
    wish('203.0.113.2', 60, NOW - 1),
    wish('203.0.113.3', 60, NOW - 8),
  ]
  const plan = planBans({ wished, kernel, never: NONE, caps: { ...CAPS, total: 4 }, others: 2, now: NOW })
  assert.deepEqual(
    plan.add.map(({ subject }) => subject.text),
    ['203.0.113.1'],
  )
  assert.deepEqual(
    plan.refused.map(({ subject, reason }) => [subject, reason]),
    [['203.0.113.3', 'cap-total']],
  )
})

test('a ban that waits for its admission is told so, one that runs already goes on', () => {
  const wished = [wish('203.0.113.1', 60, NOW + 1), wish('203.0.113.2', 60, NOW + 1)]
  const kernel = [{ subject: '203.0.113.2', seconds: 60 }]
  const plan = planBans({ wished, kernel, never: NONE, caps: CAPS, now: NOW })
  assert.deepEqual([plan.add.length, plan.lift.length, plan.keep.length], [0, 0, 1])
  assert.deepEqual(
    plan.refused.map(({ reason }) => reason),
    ['cap-rate'],
  )
})

test('an element that somebody added without an end gets one, or goes', () => {
  const kernel = [
    { subject: '203.0.113.1', seconds: Number.POSITIVE_INFINITY },
    { subject: '203.0.113.2', seconds: Number.POSITIVE_INFINITY },
  ]
  const plan = planBans({ wished: [wish('203.0.113.1', 60)], kernel, never: NONE, caps: CAPS, now: NOW })
  assert.deepEqual(
    plan.renew.map(({ subject, seconds }) => [subject.text, seconds]),
    [['203.0.113.1', 60]],
  )
  assert.deepEqual(
    plan.lift.map(({ text }) => text),
    ['203.0.113.2'],
  )
})

test('a ban longer than a set can hold is renewed once a day, not each minute', () => {
  const wished = [wish('203.0.113.1', 2 * LONGEST_SECONDS)]
  const renewals = (left: number): number =>
    planBans({
      wished,
      kernel: [{ subject: '203.0.113.1', seconds: left }],
      never: NONE,
      caps: CAPS,
      now: NOW,
    }).renew.length
  assert.deepEqual([renewals(LONGEST_SECONDS - 60), renewals(LONGEST_SECONDS - 90_000)], [0, 1])
})
