/** BSD stamps name neither year nor zone; both are settled by what the reader is told. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { zoneOffset } from '../../src/adapters/time-zone.ts'
import { BODY, Reader } from './reading.ts'

function timeOf(stamp: string, reference: string, zone = 'UTC'): string | null {
  const reader = new Reader({ reference: Date.parse(reference), zone: zoneOffset(zone) })
  return reader.read(`${stamp} host1 kernel: DROP ${BODY}`).time
}

describe('the year of a BSD stamp', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'UTC']) {
    test(`is right on both sides of New Year in ${zone}`, () => {
      const year = (stamp: string, reference: string) => {
        const time = timeOf(stamp, reference, zone)
        return new Date(Date.parse(time ?? '') + zoneOffset(zone)(Date.parse(time ?? ''))).getUTCFullYear()
      }
      assert.equal(year('Dec 31 23:59:58', '2027-01-01T06:00:00Z'), 2026)
      assert.equal(year('Jan  1 00:00:03', '2027-01-01T06:00:00Z'), 2027)
      assert.equal(year('Dec 31 23:59:58', '2026-12-31T12:00:00Z'), 2026)
      assert.equal(year('Jan  1 00:00:03', '2026-12-31T22:59:00Z'), 2027)
    })
  }

  test('of a leap day is a leap year, the nearest one that is not far ahead', () => {
    assert.equal(timeOf('Feb 29 12:00:00', '2024-03-01T00:00:00Z'), '2024-02-29T12:00:00.000Z')
    assert.equal(timeOf('Feb 29 12:00:00', '2026-11-23T00:00:00Z'), '2024-02-29T12:00:00.000Z')
    assert.equal(timeOf('Feb 29 12:00:00', '2027-12-30T00:00:00Z'), '2028-02-29T12:00:00.000Z')
    assert.equal(timeOf('Feb 29 12:00:00', '2027-06-01T00:00:00Z'), '2024-02-29T12:00:00.000Z')
    assert.equal(timeOf('Feb 29 12:00:00', '2102-06-01T00:00:00Z'), '2096-02-29T12:00:00.000Z')
    assert.equal(
      timeOf('Feb 29 00:30:00', '2024-02-28T23:45:00Z', 'Europe/Berlin'),
      '2024-02-28T23:30:00.000Z',
    )
    assert.equal(
      timeOf('Feb 29 23:30:00', '2024-03-01T04:45:00Z', 'America/New_York'),
      '2024-03-01T04:30:00.000Z',
    )
  })

  test('moves when the reference is moved', () => {
    const reader = new Reader({ reference: Date.UTC(2026, 0, 1) })
    const line = `Dec 31 23:59:58 host1 kernel: DROP ${BODY}`
    assert.equal(reader.read(line).time, '2025-12-31T23:59:58.000Z')
    reader.refer(Date.UTC(2027, 0, 1))
    assert.equal(reader.read(line).time, '2026-12-31T23:59:58.000Z')
  })

  test('is found again for every moment within half a year of the reference', () => {
    const moment = fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2199, 0, 1) })
    fc.assert(
      fc.property(moment, fc.integer({ min: -180, max: 180 }), (ms, days) => {
        const at = new Date(Math.floor(ms / 1000) * 1000)
        const [, day, month, , clock] = at.toUTCString().split(' ') as [
          string,
          string,
          string,
          string,
          string,
        ]
        const stamp = `${month} ${day.replace(/^0/, ' ')} ${clock}`
        assert.equal(timeOf(stamp, new Date(ms + days * 86_400_000).toISOString()), at.toISOString())
      }),
    )
  })
})

describe('the zone of a stamp without one', () => {
  test('is the stated one, summer and winter', () => {
    const reference = '2026-11-23T00:00:00Z'
    assert.equal(timeOf('Jul  1 12:00:00', reference, 'Europe/Berlin'), '2026-07-01T10:00:00.000Z')
    assert.equal(timeOf('Nov  1 12:00:00', reference, 'Europe/Berlin'), '2026-11-01T11:00:00.000Z')
    assert.equal(timeOf('Jul  1 12:00:00', reference, 'America/New_York'), '2026-07-01T16:00:00.000Z')
    assert.equal(timeOf('Nov 22 12:00:00', reference, 'America/New_York'), '2026-11-22T17:00:00.000Z')
  })

  test('changes in the night in which the clocks change', () => {
    const berlin = (stamp: string) => timeOf(stamp, '2026-07-15T00:00:00Z', 'Europe/Berlin')
    assert.equal(berlin('Oct 25 01:59:59'), '2026-10-24T23:59:59.000Z')
    assert.equal(berlin('Oct 25 02:30:00'), '2026-10-25T00:30:00.000Z', 'the first of the two')
    assert.equal(berlin('Oct 25 03:00:00'), '2026-10-25T02:00:00.000Z')
    assert.equal(berlin('Mar 29 01:59:59'), '2026-03-29T00:59:59.000Z')
    assert.equal(berlin('Mar 29 02:30:00'), '2026-03-29T01:30:00.000Z', 'a time that no clock showed')
    assert.equal(berlin('Mar 29 03:00:00'), '2026-03-29T01:00:00.000Z')
    const newYork = (stamp: string) => timeOf(stamp, '2026-07-15T00:00:00Z', 'America/New_York')
    assert.equal(newYork('Nov  1 01:30:00'), '2026-11-01T05:30:00.000Z', 'the first of the two')
    assert.equal(newYork('Nov  1 02:00:00'), '2026-11-01T07:00:00.000Z')
    assert.equal(newYork('Mar  8 01:59:59'), '2026-03-08T06:59:59.000Z')
    assert.equal(newYork('Mar  8 03:00:00'), '2026-03-08T07:00:00.000Z')
  })

  test('is what Intl says at any moment', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: Date.UTC(2030, 0, 1) }),
        (zone, ms) => {
          const local = ms + Number(offsetByIntl(zone, ms))
          const read = local - zoneOffset(zone)(local)
          assert.equal(read + offsetByIntl(zone, read), local)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('may be a number', () => {
    assert.equal(zoneOffset('+05:30')(0), 19_800_000)
    assert.equal(zoneOffset('-0800')(0), -28_800_000)
    assert.equal(zoneOffset('UTC')(0), 0)
  })

  test('that nobody knows is refused with advice', () => {
    assert.throws(() => zoneOffset('Mars/Base'), /unknown time zone "Mars\/Base": write an IANA name/)
  })
})

function offsetByIntl(timeZone: string, ms: number): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName')?.value
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(name ?? '')
  const size =
    ((Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0)) * 60 + Number(match?.[4] ?? 0)) * 1000
  return match?.[1] === '-' ? -size : size
}

describe('a stamp that names a time nobody had', () => {
  test('is a fault', () => {
    const reader = new Reader()
    const stamps = [
      'Feb 30 12:00:00',
      'Nov 23 24:00:00',
      'Nov 23 12:60:00',
      'Nov 23 12:00:61',
      'Apr 31 00:00:00',
      'Nov  0 00:00:00',
    ]
    for (const stamp of stamps)
      assert.equal(reader.outcome(`${stamp} host1 kernel: DROP ${BODY}`), 'bad-time', stamp)
    assert.equal(reader.outcome(`2026-02-29T00:00:00Z host1 kernel: DROP ${BODY}`), 'bad-time')
    assert.equal(reader.outcome(`[Mon Feb 30 15:22:05 2026] DROP ${BODY}`), 'bad-time')
  })
})
