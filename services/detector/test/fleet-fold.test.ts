import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident, Packet } from '@picket/schemas'
import fc from 'fast-check'
import type { FleetFoldOptions } from '../src/detect/fleet/fleet-fold.ts'
import { foldLog } from '../src/detect/fleet/fold-log.ts'
import { worstFirst } from '../src/detect/incident-order.ts'
import type { Method, Scan } from '../src/detect/method.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import { type Act, act, essence, jitter, play, withFewSuspects } from './acts.ts'
import { type BatchMessage, type Kept, messageOf, nothingKept, Reader } from './fleet-log.ts'

interface Step {
  readonly agent: number
  /** How far the batch's number is from the one that would be next. */
  readonly jump: number
  readonly packets: number
  /** What happens behind the message. */
  readonly after: 'go on' | 'commit' | 'crash' | 'lose the answer'
}

const step: fc.Arbitrary<Step> = fc.record({
  agent: fc.nat(2),
  jump: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 3, -1, -2),
  packets: fc.integer({ min: 0, max: 60 }),
  after: fc.constantFrom('go on', 'go on', 'commit', 'commit', 'crash', 'lose the answer'),
})

/** Acts close enough in time that agents' batches mix, and some far apart. */
const acts = fc.array(act, { minLength: 1, maxLength: 6 })
const steps = fc.array(step, { minLength: 5, maxLength: 60 })

/** Cuts the packets of all acts, in the order of time, into the batches of the steps. */
function logOf(played: readonly Act[], cut: readonly Step[], seed: number): BatchMessage[] {
  const packets = played.flatMap(play).sort((a, b) => a.time - b.time)
  const numbers = [10, 10, 10]
  const messages: BatchMessage[] = []
  let at = 0
  let logged = 0
  while (at < packets.length) {
    const { agent, jump, packets: count } = cut[messages.length % cut.length] as Step
    const offset = messages.length
    const number = (numbers[agent] as number) + 1 + jump
    numbers[agent] = Math.max(numbers[agent] as number, number)
    const batch = packets
      .slice(at, at + count)
      .map((packet, i) => ({ ...packet, input: agent, offset: number * 8192 + i }))
    // The broker's clock moves on by itself, and the packets' times run now before it, now behind.
    logged = Math.max(logged + 1, (batch[0]?.time ?? 0) + (jitter(seed, offset) - 2500) * 40)
    messages.push(messageOf(batch, { offset, logged, agent: `agent-${agent}`, number }))
    at += Math.max(1, count)
  }
  return messages
}

/** Reads the log as a detector does that is killed here and there; what is kept in the end. */
function readDisturbed<S extends Scan>(
  log: readonly BatchMessage[],
  cut: readonly Step[],
  newMethod: () => Method<S>,
  options: Partial<FleetFoldOptions<S>>,
): Kept {
  const kept = nothingKept()
  let reader = new Reader(kept, { method: newMethod(), ...options })
  for (let turn = 0, at = 0; at < log.length; turn++) {
    reader.read(log[at++] as BatchMessage)
    const after = turn < 3 * log.length ? (cut[turn % cut.length] as Step).after : 'commit'
    if (after === 'commit' || after === 'lose the answer') reader.commit()
    if (after !== 'crash' && after !== 'lose the answer') continue
    reader = new Reader(kept, { method: newMethod(), ...options })
    at = kept.next
  }
  reader.commit()
  return kept
}

const policies: [string, () => Method<Scan>, number][] = [
  ['picket', () => new PicketMethod() as unknown as Method<Scan>, 150],
  ['psad', () => new PsadMethod() as unknown as Method<Scan>, 30],
]

for (const [name, newMethod, numRuns] of policies) {
  test(`policy ${name}: crashes, repeats, commits and lack of memory show in no incident and no alert`, () => {
    const cases = fc.tuple(acts, steps, fc.integer(), fc.integer({ min: 1, max: 3 }))
    fc.assert(
      fc.property(cases, ([played, cut, seed, maxSources]) => {
        const log = logOf(played, cut, seed)
        const oracle = foldLog(log, { method: newMethod() })
        const kept = readDisturbed(log, cut, newMethod, { maxSources })
        assert.equal(JSON.stringify(kept.alerts), JSON.stringify(oracle.alerts))
        const views = [...kept.views.values()].sort(worstFirst)
        assert.equal(JSON.stringify(views), JSON.stringify(oracle.incidents))

        const undisturbed = readDisturbed(
          log,
          [{ agent: 0, jump: 0, packets: 1, after: 'commit' }],
          newMethod,
          {},
        )
        assert.deepEqual(kept.totals, undisturbed.totals)
        assert.deepEqual(kept.contacts, undisturbed.contacts)
        assert.deepEqual(kept.scans, undisturbed.scans)
        assert.equal(kept.totals?.repeated, oracle.repeats)
      }),
      { numRuns },
    )
  })
}

/** What a store is left with that kept some of the last commit's values and lost others, the offset among these. */
function tear(before: Kept, after: Kept, seed: number): void {
  let turn = 0
  const isLost = (): boolean => jitter(seed, turn++) % 2 === 0
  tearMap(before.scans, after.scans, isLost)
  tearMap(before.marks, after.marks, isLost)
  if (isLost()) after.totals = before.totals
  after.next = before.next
}

function tearMap<T>(before: ReadonlyMap<string, T>, after: Map<string, T>, isLost: () => boolean): void {
  for (const key of after.keys()) {
    if (!isLost()) continue
    const old = before.get(key)
    if (old === undefined) after.delete(key)
    else after.set(key, old)
  }
}

function copyOf(kept: Kept): Kept {
  return { ...kept, scans: new Map(kept.scans), marks: new Map(kept.marks) }
}

test('a store that lost part of its last commit, but no alert, comes to the same incidents and alerts', () => {
  // Where batches repeat, a torn store cannot tell which came first: Redis writes a commit whole or not at all.
  const cut = fc.array(
    step.map((each) => ({ ...each, jump: Math.abs(each.jump) })),
    { minLength: 5, maxLength: 60 },
  )
  fc.assert(
    fc.property(fc.tuple(acts, cut, fc.integer()), ([played, steps, seed]) => {
      const log = logOf(played, steps, seed)
      const oracle = foldLog(log, { method: new PicketMethod() })
      const kept = nothingKept()
      for (let turn = 0; kept.next < log.length; turn++) {
        const before = copyOf(kept)
        const reader = new Reader(kept, { method: new PicketMethod() })
        for (const message of log.slice(kept.next, kept.next + 1 + (turn % 5))) reader.read(message)
        reader.commit()
        if (turn < log.length && jitter(seed, turn) % 3 === 0) tear(before, kept, seed + turn)
      }
      const told = new Map(kept.alerts.map((alert) => [alert.id, alert]))
      assert.equal(JSON.stringify([...told.values()]), JSON.stringify(oracle.alerts))
      const views = [...kept.views.values()].sort(worstFirst)
      assert.equal(JSON.stringify(views), JSON.stringify(oracle.incidents))
      assert.equal(
        kept.totals?.packets,
        log.reduce((sum, { packets }) => sum + packets.length, 0),
      )
    }),
    { numRuns: 100 },
  )
})

/** What three agents log, each in batches of a second at most, which arrive up to five seconds late in all. */
function arrivals(played: readonly Act[], seed: number): BatchMessage[] {
  const packets = withFewSuspects(played)
    .flatMap(play)
    .sort((a, b) => a.time - b.time)
  const batches = [0, 1, 2].flatMap((agent) => {
    const logged = packets.filter((packet) => (packet.dst[3] as number) % 3 === agent)
    return batchesOf(logged, `agent-${agent}`, seed + agent)
  })
  batches.sort((a, b) => a.logged - b.logged)
  return batches.map((batch, offset) => ({ ...batch, offset }))
}

function batchesOf(packets: readonly Packet[], agent: string, seed: number): BatchMessage[] {
  const batches: BatchMessage[] = []
  let at = 0
  let logged = 0
  while (at < packets.length) {
    const first = packets[at] as Packet
    const size = 1 + (jitter(seed, at) % 50)
    const batch = packets.slice(at, at + size).filter(({ time }) => time < first.time + 1000)
    const number = batches.length + 1
    const parts = batch.map((packet, i) => ({ ...packet, input: seed, offset: number * 8192 + i }))
    logged = Math.max(logged, (batch.at(-1) as Packet).time + (jitter(seed, at) % 4000))
    batches.push(messageOf(parts, { offset: 0, logged, agent, number }))
    at += batch.length
  }
  return batches
}

function incidentsOf(log: readonly BatchMessage[]): Incident[] {
  const kept = nothingKept()
  const reader = new Reader(kept, { method: new PicketMethod(), maxSources: 1 })
  for (const message of log) {
    reader.read(message)
    if (message.offset % 3 === 0) reader.commit()
  }
  reader.commit()
  return [...kept.views.values()]
}

test('however the batches of several agents mix within five seconds, the story is the same', () => {
  fc.assert(
    fc.property(acts, fc.integer(), fc.integer(), (played, one, other) => {
      const [first, second] = [arrivals(played, one), arrivals(played, other)]
      assert.deepEqual(essence(incidentsOf(second)), essence(incidentsOf(first)))
    }),
    { numRuns: 100 },
  )
})
