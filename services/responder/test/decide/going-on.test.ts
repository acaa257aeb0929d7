import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BanRecord, endedBans, GoingOn } from '../../src/index.ts'

const END = Date.UTC(2026, 10, 25)
const HOUR = 3_600_000
const ENDED = { subject: '203.0.113.9', incident: 'a', until: END }

function recordOf(part: Partial<BanRecord> = {}): BanRecord {
  return {
    ...{
      subject: '203.0.113.9',
      revision: 1,
      past: [],
      requests: [],
      by: 'rule',
      end: END,
      isTombstoned: false,
    },
    wishes: [{ hosts: [], from: END - HOUR, until: END, why: 'scan' }],
    incident: 'a',
    ...part,
  }
}

test('a ban that a rule asked for is looked after for a day after its end; one in force, lifted or by hand is not', () => {
  const at = (now: number, part: Partial<BanRecord> = {}): number => endedBans([recordOf(part)], now).length
  assert.deepEqual([at(END - 1), at(END), at(END + 24 * HOUR), at(END + 24 * HOUR + 1)], [0, 1, 1, 0])
  assert.equal(at(END, { wishes: [] }), 0)
  assert.equal(at(END, { by: 'hand' }), 0)
  const { incident: _, ...unknown } = recordOf()
  assert.deepEqual(endedBans([unknown], END), [])
})

test('a source goes on when it has sent enough since the end of its ban, by its packets’ time as well', () => {
  const going = new GoingOn()
  const has = (packets: number, lastSeen: number): boolean => going.hasGoneOn(ENDED, { packets, lastSeen }, 3)
  assert.equal(has(100, END - HOUR), false)
  assert.equal(has(102, END + 1), false)
  // three more, which were long under way
  assert.equal(has(103, END - 1), false)
  assert.equal(has(103, END + 1), true)
})

test('each end is counted from anew, and what is not looked after is forgotten', () => {
  const going = new GoingOn()
  const later = { ...ENDED, until: END + HOUR }
  assert.equal(going.hasGoneOn(ENDED, { packets: 1, lastSeen: END }, 1), false)
  assert.equal(going.hasGoneOn(later, { packets: 9, lastSeen: END + 2 * HOUR }, 1), false)
  assert.equal(going.hasGoneOn(later, { packets: 10, lastSeen: END + 2 * HOUR }, 1), true)
  going.keep([])
  assert.equal(going.hasGoneOn(later, { packets: 11, lastSeen: END + 2 * HOUR }, 1), false)
})
