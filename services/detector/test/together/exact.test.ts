/**
 * Exactness of the second stage: whatever dies, however partitions lie between each other, whatever comes twice,
 * the same alerts, byte for byte.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alert } from '@picket/schemas'
import fc from 'fast-check'
import { PICKET_POLICY } from '../../src/detect/picket/policy.ts'
import type { Contact } from '../../src/detect/together/contact.ts'
import type { ContactMessage } from '../../src/detect/together/contact-message.ts'
import { FleetTogether } from '../../src/detect/together/fleet-together.ts'
import { StoredStateError } from '../../src/detect/together/stored.ts'
import { DAY, EPOCH } from '../packets.ts'
import { message, sharedHosts, sharedPorts, strangers } from './contacts.ts'

const UPSTREAMS = 3

/** What each upstream partition says: sources are spread by their address, messages hold up to 20 contacts. */
function logs(contacts: readonly Contact[]): ContactMessage[][] {
  const lanes: Contact[][] = Array.from({ length: UPSTREAMS }, () => [])
  for (const one of contacts) lanes[((one.source[3] as number) >>> 0) % UPSTREAMS]?.push(one)
  return lanes.map((lane, upstream) => {
    const messages: ContactMessage[] = []
    for (let from = 0; from < lane.length; from += 20) {
      const held = lane.slice(from, from + 20)
      const newest = Math.max(...held.map(({ time }) => time))
      messages.push(message(upstream, messages.length * 3, newest - 5_000, held))
    }
    messages.push(message(upstream, -1, EPOCH + 100 * DAY * 1000))
    return messages
  })
}

/** One order of all messages that keeps each upstream's own; some come twice. */
function interleave(lanes: readonly ContactMessage[][], choices: readonly number[]): ContactMessage[] {
  const rest = lanes.map((lane) => [...lane])
  const log: ContactMessage[] = []
  for (let turn = 0; rest.some((lane) => lane.length > 0); turn++) {
    const choice = choices[turn % choices.length] ?? 0
    const open = rest.filter((lane) => lane.length > 0)
    const next = open[choice % open.length]?.shift()
    if (next === undefined) continue
    log.push(next)
    if (choice % 5 === 0) log.push(next)
  }
  return log
}

/** A stage over a store, as the process drives it. */
class Process {
  readonly store: Map<string, Uint8Array> = new Map()
  readonly alerts: Alert[] = []
  private stage: FleetTogether = claimed(this.store)

  /** Folds from the stored offset on; a crash loses what was not committed. */
  run(log: readonly ContactMessage[], commitEvery: number, crashes: ReadonlySet<number>): void {
    let steps = 0
    for (let at = this.stage.offset + 1; at < log.length; at++) {
      this.stage.observe(log[at] as ContactMessage, at)
      if (at % commitEvery === 0 || at === log.length - 1) this.commit()
      if (!crashes.has(steps++)) continue
      this.restart()
      at = this.stage.offset
    }
  }

  private commit(): void {
    for (const { key, value } of this.stage.takeChanges()) this.store.set(key, value.slice())
    this.alerts.push(...this.stage.takeAlerts())
  }

  get counts(): FleetTogether['counts'] {
    return this.stage.counts
  }

  restart(): void {
    this.stage = claimed(this.store)
  }
}

/** A stage that has loaded what is stored, as after the claim of a partition. */
function claimed(store: ReadonlyMap<string, Uint8Array>): FleetTogether {
  const stage = new FleetTogether(PICKET_POLICY, UPSTREAMS)
  for (let keys = stage.missing(); keys.length > 0; keys = stage.missing())
    for (const key of keys.reverse()) stage.adopt(key, store.get(key) ?? null)
  return stage
}

const TRAFFIC = [
  // More than one stored part of a slice.
  ...strangers(800, { dst: '10.0.5.5' }).map((one, i) => ({ ...one, time: EPOCH + 300 * i })),
  ...sharedPorts(9, 2, { at: 50 }),
  ...sharedHosts(12, 2, { at: 700, port: 23 }),
  ...strangers(200, { at: 1_000, dst: '10.0.1.3' }),
  ...sharedPorts(40, 3, { at: 1_500, dst: '10.0.1.9' }),
  ...sharedPorts(30, 2, { at: 0.8 * DAY }),
  ...sharedPorts(9, 2, { at: 3 * DAY }).map((one) => ({ ...one, port: one.port + 900 })),
]
  .sort((a, b) => a.time - b.time)
  // Some come twenty minutes late: how late, only their own partition can say.
  .map((one, i) => (i % 17 === 0 ? { ...one, time: one.time - 1_200_000 } : one))

function alertTexts(alerts: readonly Alert[]): string[] {
  return alerts.map((alert) => JSON.stringify(alert)).sort()
}

test('crashes, interleavings and repeats change no alert', () => {
  const lanes = logs(TRAFFIC)
  const oracle = new Process()
  oracle.run(interleave(lanes, [0, 1, 2]), 1, new Set())
  const expected = alertTexts(oracle.alerts)
  assert.ok(expected.length >= 4, `${expected.length} alerts`)
  assert.ok(oracle.counts.late > 5)
  const choices = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 })
  const crashes = fc.uniqueArray(fc.nat(120), { maxLength: 12 })
  fc.assert(
    fc.property(choices, fc.integer({ min: 1, max: 9 }), crashes, (order, commitEvery, dies) => {
      const process = new Process()
      process.run(interleave(lanes, order), commitEvery, new Set(dies))
      assert.deepEqual(alertTexts(process.alerts), expected)
    }),
    { numRuns: 60 },
  )
})

test('the same log leaves the same bytes, whether there were crashes or not', () => {
  const log = interleave(logs(TRAFFIC), [0, 1, 2])
  const [calm, rough] = [new Process(), new Process()]
  calm.run(log, 1, new Set())
  rough.run(log, 4, new Set([3, 9, 27, 40, 41]))
  const held = (process: Process): [string, string][] =>
    [...process.store].map(([key, value]): [string, string] => [key, bodyOf(value)]).sort()
  assert.deepEqual(
    held(rough).filter(([, body]) => body !== ''),
    held(calm).filter(([, body]) => body !== ''),
  )
})

/** Without the offset that it was written at, which depends on where commits fell. */
function bodyOf(value: Uint8Array): string {
  const end = value.findIndex((byte, at) => at > 0 && byte < 128) + 1
  return Buffer.from(value.subarray(end)).toString('hex')
}

test('nothing is judged before every upstream partition has spoken', () => {
  const stage = new FleetTogether(PICKET_POLICY, 2)
  stage.adopt('cm', null)
  stage.observe(message(0, 0, EPOCH, sharedPorts(20, 2)), 0)
  stage.observe(message(0, -1, EPOCH + DAY * 1000), 1)
  assert.equal(stage.takeAlerts().length, 0)
  stage.observe(message(1, -1, EPOCH + DAY * 1000), 2)
  assert.equal(stage.takeAlerts().length, 1)
})

test('a part that is ahead of the others shows a torn commit, and nothing is believed', () => {
  const process = new Process()
  const log = interleave(logs(TRAFFIC), [0, 1, 2])
  process.run(log.slice(0, 10), 1, new Set())
  const old = process.store.get('cm') as Uint8Array
  process.run(log, 1, new Set())
  process.store.set('cm', old)
  assert.throws(
    () => process.restart(),
    (error: Error) => error instanceof StoredStateError && error.reason === 'torn',
  )
})

test('damaged bytes are refused, not guessed at', () => {
  const process = new Process()
  process.run(interleave(logs(TRAFFIC), [0]), 1, new Set())
  const meta = process.store.get('cm') as Uint8Array
  for (let length = 1; length < meta.length; length += 7) {
    const stage = new FleetTogether(PICKET_POLICY, UPSTREAMS)
    assert.throws(() => stage.adopt('cm', meta.slice(0, length)), StoredStateError)
  }
})

test('records that point outside the table of addresses are passed over', () => {
  const stage = new FleetTogether(PICKET_POLICY, 1)
  stage.adopt('cm', null)
  const good = message(0, 0, EPOCH, sharedPorts(2, 1))
  const contacts = good.contacts.map((record) => ({ ...record, host: 99 }))
  assert.equal(stage.observe({ ...good, contacts }, 0), 'folded')
  assert.deepEqual([stage.counts.contacts, stage.unsound], [0, 2])
})
