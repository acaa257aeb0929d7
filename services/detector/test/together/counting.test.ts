/**
 * What the second stage counts as it goes, against counting it anew: it must be the same whatever came and went.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Background } from '../../src/detect/together/background.ts'
import { Group } from '../../src/detect/together/group.ts'
import { countTargets, type Seen, targetsOf } from '../../src/detect/together/seen.ts'

const seen = fc.record({
  time: fc.nat(20),
  source: fc.oneof(fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 40 }), fc.constantFrom('abcd', 'abce')),
  host: fc.oneof(fc.nat(3), fc.constant('abcdefgh')),
  shape: fc.constantFrom((6 << 17) | 23, (17 << 17) | 54, 1 << 17),
  technique: fc.nat(3),
  rank: fc.integer({ min: 1, max: 8 }),
  targets: fc.nat(3),
})

type Step = (group: Group) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: seen.map((one) => (group: Group) => void group.add(one)) },
  {
    weight: 1,
    arbitrary: seen.map(
      ({ source }) =>
        (group: Group) =>
          void group.letGo(source),
    ),
  },
  { weight: 1, arbitrary: fc.nat(20).map((time) => (group: Group) => void group.forget(time)) },
  { weight: 1, arbitrary: fc.constant((group: Group) => group.empty()) },
)

test('a group knows how many sources it has, whatever it takes in and lets go of', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 8 }), (steps, least) => {
      const group = new Group(1)
      for (const step of steps) {
        step(group)
        const sources = new Set(group.contacts.map(({ source }) => source)).size
        assert.equal(group.sources, sources)
        assert.equal(group.hasSources(least), sources >= least)
      }
    }),
    { numRuns: 300 },
  )
})

test('contacts that are let go count as much together as one by one', () => {
  const days = fc.array(fc.tuple(fc.nat(5), fc.array(seen, { maxLength: 20 })), { maxLength: 6 })
  fc.assert(
    fc.property(days, (days) => {
      const [together, each] = [new Background(), new Background()]
      for (const [day, contacts] of days) {
        const counts = new Map<number | string, number>()
        countTargets(counts, contacts)
        for (const [target, count] of counts) together.addForgotten(target, day, count)
        for (const target of contacts.flatMap((one: Seen) => targetsOf(one))) each.addForgotten(target, day)
      }
      assert.deepEqual([...together.forgotten], [...each.forgotten])
    }),
  )
})
