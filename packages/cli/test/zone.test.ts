import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../src/analyze/instant.ts'
import { WrongUse } from '../src/failures.ts'
import { printTime, zoneNamed } from '../src/zone.ts'

const HOUR = 3_600_000

test('a wall clock is read with the offset of its own day', () => {
  const berlin = zoneNamed('Europe/Berlin')
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 0, 15, 12)), HOUR)
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 6, 15, 12)), 2 * HOUR)
  assert.equal(zoneNamed('Asia/Kathmandu').offsetOfLocal(Date.UTC(2026, 6, 15, 12)), 5.75 * HOUR)
})

test('around a clock change the times on both sides are right', () => {
  const berlin = zoneNamed('Europe/Berlin')
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 2, 29, 1, 59)), HOUR)
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 2, 29, 3, 0)), 2 * HOUR)
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 9, 25, 1, 59)), 2 * HOUR)
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 9, 25, 3, 0)), HOUR)
})

test('a time that the change repeats or skips is read with the offset before it', () => {
  const berlin = zoneNamed('Europe/Berlin')
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 9, 25, 2, 30)), 2 * HOUR)
  assert.equal(berlin.offsetOfLocal(Date.UTC(2026, 2, 29, 2, 30)), HOUR)
})

test('offsets may be given as such, and a zone that is none is refused', () => {
  assert.equal(zoneNamed('+02:00').offsetOfLocal(0), 2 * HOUR)
  assert.equal(zoneNamed('-0530').offsetOfLocal(0), -5.5 * HOUR)
  assert.equal(zoneNamed('UTC').offsetOfLocal(0), 0)
  assert.throws(() => zoneNamed('Europe/Berlim'), WrongUse)
})

test('times are printed in the zone', () => {
  assert.equal(
    printTime(zoneNamed('Europe/Berlin'), Date.UTC(2026, 10, 23, 15, 32, 4)),
    '2026-11-23 16:32:04',
  )
})

test('an instant without a zone is of the zone of the log', () => {
  const berlin = zoneNamed('Europe/Berlin')
  assert.equal(instantOf('2026-11-23T15:00', '--from', berlin), Date.UTC(2026, 10, 23, 14))
  assert.equal(instantOf('2026-11-23 15:00:30', '--from', berlin), Date.UTC(2026, 10, 23, 14, 0, 30))
  assert.equal(instantOf('2026-11-23', '--from', berlin), Date.UTC(2026, 10, 22, 23))
  assert.equal(instantOf('2026-11-23T15:00:00Z', '--from', berlin), Date.UTC(2026, 10, 23, 15))
  assert.equal(instantOf('2026-11-23T15:00+05:00', '--from', berlin), Date.UTC(2026, 10, 23, 10))
})

test('an instant that is none is refused with examples', () => {
  for (const text of ['yesterday', '2026-13-01', '23.11.2026', '2026-11-23T25:00']) {
    assert.throws(() => instantOf(text, '--to', zoneNamed('UTC')), /--to .*write 2026-11-23/)
  }
})
