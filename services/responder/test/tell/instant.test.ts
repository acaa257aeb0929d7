import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isoTime, plainTime, retryAfterMs, retryDelayMs } from '../../src/index.ts'

const LEAST = Date.UTC(0, 0, 1) - (Date.UTC(1900, 0, 1) - Date.parse('0000-01-01T00:00:00Z'))
const MOST = Date.parse('9999-12-31T23:59:59.999Z')

test('an instant reads as Date would print it, for every year of four digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: LEAST, max: MOST }), (ms) => {
      assert.equal(isoTime(ms), new Date(ms).toISOString())
    }),
  )
  assert.equal(plainTime(Date.UTC(2024, 1, 29, 23, 59, 59)), '2024-02-29 23:59:59 UTC')
})

test('a number that is no instant still prints as one', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e300]) {
    assert.match(isoTime(ms), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  }
})

test('Retry-After is read as seconds and as a date, and anything else is as good as none', () => {
  const now = Date.UTC(2026, 10, 23, 12)
  assert.equal(retryAfterMs('120', now), 120_000)
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 12:00:30 GMT', now), 30_000)
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 11:00:30 GMT', now), 0)
  for (const text of [undefined, '', 'soon', '-1', '1e9', 'Mon, 23 Nvo 2026 12:00:30 GMT']) {
    assert.equal(retryAfterMs(text, now), undefined, String(text))
  }
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2399, 0) }), (ms) => {
      const at = Math.floor(ms / 1_000) * 1_000
      assert.equal(retryAfterMs(new Date(at).toUTCString(), 0), at)
    }),
  )
})

test('each failure doubles the wait up to five minutes, and what is asked for wins within an hour', () => {
  const waits = [1, 2, 3, 9, 100].map((attempts) => retryDelayMs(attempts, undefined, 1))
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 256_000, 300_000])
  assert.equal(retryDelayMs(1, 90_000, 0), 90_000)
  assert.equal(retryDelayMs(1, 31_536_000_000, 0), 3_600_000)
})
