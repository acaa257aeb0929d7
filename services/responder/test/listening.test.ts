import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Listening } from '../src/adapters/listening.ts'

const WELL = { isReachable: true, behindMs: 0 }

test('we listen since the first look at which all was well', () => {
  const listening = new Listening()
  assert.equal(listening.look({ ...WELL, now: 1_000, monotonicMs: 0 }), 1_000)
  assert.equal(listening.look({ ...WELL, now: 1_500, monotonicMs: 500 }), 1_000)
})

test('while the broker is away or reading is behind we do not listen, and begin anew afterwards', () => {
  const listening = new Listening()
  listening.look({ ...WELL, now: 0, monotonicMs: 0 })
  assert.equal(listening.look({ isReachable: false, behindMs: 0, now: 500, monotonicMs: 500 }), undefined)
  assert.equal(listening.look({ ...WELL, now: 1_000, monotonicMs: 1_000 }), 1_000)
  assert.equal(
    listening.look({ isReachable: true, behindMs: 6_000, now: 1_500, monotonicMs: 1_500 }),
    undefined,
  )
  assert.equal(listening.look({ ...WELL, now: 2_000, monotonicMs: 2_000 }), 2_000)
})

test('a process that stood still itself begins anew', () => {
  const listening = new Listening()
  listening.look({ ...WELL, now: 0, monotonicMs: 0 })
  assert.equal(listening.look({ ...WELL, now: 60_000, monotonicMs: 60_000 }), 60_000)
})
