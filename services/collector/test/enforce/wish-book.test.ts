/** Messages of one subject in any order, repeated and replayed, say the same in the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Admission } from '../../src/enforce/admission.ts'
import { type BanState, nextStart, spanAt, type Wish, WishBook } from '../../src/enforce/wish-book.ts'

const NOW = 1_764_000_000_000
const HERE = { reporter: 'web1', site: 'paris' }

function ban(revision: number, wishes: readonly Partial<Wish>[] = [{}], subject = '203.0.113.9'): BanState {
  const whole = wishes.map((wish) => ({ hosts: [], from: NOW, until: NOW + 60_000, why: 'test', ...wish }))
  return { subject, wishes: whole, revision, keyId: 'k' }
}

const atOnce = (at: number): number => at

test('only a higher revision changes a wish', () => {
  const book = new WishBook(HERE)
  assert.equal(book.take(ban(5), NOW, atOnce).outcome, 'new')
  assert.equal(book.take(ban(5), NOW, atOnce).outcome, 'repeat')
  assert.deepEqual(book.take(ban(4), NOW + 1, atOnce), { outcome: 'revision-old', known: 5 })
  assert.equal(book.take(ban(6, []), NOW, atOnce).outcome, 'new')
  assert.deepEqual(book.take(ban(5), NOW + 1, atOnce), { outcome: 'revision-old', known: 6 })
  assert.equal(book.get('203.0.113.9')?.spans.length, 0)
})

test('what was appended before the newest is the topic’s past, and no replay', () => {
  const book = new WishBook(HERE)
  book.take(ban(5), NOW, atOnce)
  assert.equal(book.take(ban(4), NOW - 1, atOnce).outcome, 'repeat')
  assert.equal(book.take(ban(4), NOW + 1, atOnce).outcome, 'revision-old')
})

test('whatever the order and however often, the highest revision holds', () => {
  const revisions = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(revisions, (order) => {
      const book = new WishBook(HERE)
      for (const revision of order) book.take(ban(revision, [{ until: NOW + revision }]), NOW, atOnce)
      const highest = Math.max(...order)
      const wish = book.get('203.0.113.9')
      assert.deepEqual([wish?.revision, wish?.spans[0]?.until], [highest, NOW + highest])
    }),
  )
})

test('a wish concerns this host by its name, by its site, or when it names nobody', () => {
  const applies = (hosts: readonly string[]): boolean => {
    const book = new WishBook(HERE)
    const taken = book.take(ban(1, [{ hosts }]), NOW, atOnce)
    assert.ok(taken.outcome === 'new')
    assert.equal(taken.wish.isForOthers, taken.wish.spans.length === 0)
    return taken.wish.spans.length === 1
  }
  assert.deepEqual(
    [[], ['web1'], ['web2', 'web1'], ['site:paris'], ['web2'], ['site:rome'], ['site:'], ['paris']].map(
      applies,
    ),
    [true, true, true, true, false, false, false, false],
  )
})

test('of several wishes the one that lasts longest holds, and one for later begins later', () => {
  const book = new WishBook(HERE)
  book.take(
    ban(1, [{ until: NOW + 10 }, { until: NOW + 30 }, { from: NOW + 90_000, until: NOW + 99_000 }]),
    NOW,
    atOnce,
  )
  const spans = book.get('203.0.113.9')?.spans ?? []
  assert.equal(spanAt(spans, NOW)?.until, NOW + 30)
  assert.equal(spanAt(spans, NOW + 30), undefined)
  assert.equal(nextStart(spans, NOW + 30), NOW + 90_000)
  assert.equal(spanAt(spans, NOW + 90_000)?.until, NOW + 99_000)
})

test('a controller whose clock is some seconds ahead bans at once', () => {
  const book = new WishBook(HERE)
  book.take(ban(1, [{ from: NOW + 20_000 }]), NOW, atOnce)
  assert.notEqual(spanAt(book.get('203.0.113.9')?.spans ?? [], NOW), undefined)
})

test('no more than so many bans begin within a minute, by the broker’s clock, in order', () => {
  const times = fc
    .array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 60 })
    .map((all) => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 5 }), (appended, perMinute) => {
      const admission = new Admission(perMinute)
      const admitted = appended.map((at) => admission.admit(at))
      for (const [i, at] of admitted.entries()) {
        assert.ok(at >= (appended[i] as number))
        assert.ok(i === 0 || at >= (admitted[i - 1] as number))
        const earlier = admitted[i - perMinute]
        assert.ok(earlier === undefined || at - earlier >= 60_000)
      }
    }),
  )
})

test('a ban that is prolonged is not counted again, one that comes back is', () => {
  let asked = 0
  const admit = (at: number): number => {
    asked++
    return at
  }
  const book = new WishBook(HERE)
  book.take(ban(1), NOW, admit)
  book.take(ban(2, [{ until: NOW + 120_000 }]), NOW + 1, admit)
  assert.equal(asked, 1)
  book.take(ban(3, []), NOW + 2, admit)
  book.take(ban(4), NOW + 3, admit)
  assert.equal(asked, 2)
})

test('a lifted wish is remembered until no old message could bring it back', () => {
  const book = new WishBook(HERE)
  const until = NOW + 10 * 86_400_000
  book.take(ban(1, [{ until }]), NOW, atOnce)
  book.take(ban(2, []), NOW + 1, atOnce)
  book.forget(until)
  assert.equal(book.take(ban(1, [{ until }]), NOW + 2, atOnce).outcome, 'revision-old')
  book.forget(until + 2 * 86_400_000)
  assert.equal(book.size, 0)
})

test('a key that is dropped leaves no revision behind', () => {
  const book = new WishBook(HERE)
  book.take(ban(Number.MAX_SAFE_INTEGER), NOW, atOnce)
  assert.equal(book.dropKey('other').length, 0)
  assert.equal(book.dropKey('k').length, 1)
  assert.equal(book.take(ban(1), NOW, atOnce).outcome, 'new')
})
