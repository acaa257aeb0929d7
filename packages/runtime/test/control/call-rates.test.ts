/** Call rates: how often and how many at once, by a clock that the test holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallRates } from '../../src/control/call-rates.ts'

test('one address may call so often within a minute, another is not held back by it, and a minute later it may again', () => {
  const rates = new CallRates({ perMinute: 3, atOnce: 100 })
  assert.deepEqual(
    [1, 2, 3, 4].map(() => rates.enter('192.0.2.1', 1_000)),
    [true, true, true, false],
  )
  assert.equal(rates.enter('192.0.2.2', 1_000), true)
  assert.equal(rates.enter('192.0.2.1', 61_000), true)
})

test('one address may have so many open at once, and more once some have ended', () => {
  const rates = new CallRates({ perMinute: 100, atOnce: 2 })
  assert.deepEqual(
    [1, 2, 3].map(() => rates.enter('192.0.2.1', 0)),
    [true, true, false],
  )
  rates.leave('192.0.2.1')
  assert.equal(rates.enter('192.0.2.1', 0), true)
})

test('from more addresses than are remembered all new ones share one count, and those known keep theirs', () => {
  const rates = new CallRates({ perMinute: 10, atOnce: 100 })
  rates.enter('known', 0)
  let admitted = 0
  for (let i = 0; i < 20_000; i++) if (rates.enter(`2001:db8::${i}`, 0)) admitted++
  assert.ok(admitted < 4_200, String(admitted))
  assert.equal(rates.enter('known', 0), true)
})
