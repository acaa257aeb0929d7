/**
 * The contract of the queue: one reader of a group, and what may go wrong in it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALL_MESSAGES, type QueueError, Reassign } from '@picket/runtime'
import { waitUntil } from '../services/wait-until.ts'
import { Away, type Bench } from './queue-bench.ts'
import { RecordingReader, Store, texts, upTo } from './recording-reader.ts'

/** A topic of CALL_MESSAGES + 136, from its tenth message on. */
const REST = CALL_MESSAGES + 126

export function readingContract(at: Bench): void {
  test(`${at.name}: reading begins where the reader says, in calls of bounded length`, async () => {
    const topic = await at.filled(2, 1_000)
    const reader = new RecordingReader(
      new Store([
        [0, 123],
        [1, 1_000],
      ]),
    )
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => reader.taken.length === 877, 'all messages')
    assert.deepEqual(
      reader.offsets(0),
      upTo(877).map((n) => n + 123),
    )
    assert.ok(reader.largestCall <= CALL_MESSAGES)
    const producer = await at.queue.producer()
    await producer.send(topic, 1, texts(0, 2))
    await waitUntil(() => reader.taken.length === 879, 'what came later')
    assert.deepEqual(reader.offsets(1), [1_000, 1_001])
    await subscription.stop()
    assert.deepEqual(reader.faults, [])
    assert.deepEqual([...reader.events].sort(), [
      'assigned 0 at 123',
      'assigned 1 at 1000',
      'revoked 0',
      'revoked 1',
    ])
    await producer.close()
  })
  test(`${at.name}: an offset before the start or behind the end stops reading loudly`, async () => {
    const topic = await at.filled(1, 10)
    await at.trim(topic, 0, 5)
    for (const begin of [4, 11]) {
      const reader = new RecordingReader(new Store([[0, begin]]))
      const subscription = await at.queue.subscribe({ topic, group: `${topic}-${begin}` }, reader)
      await waitUntil(() => subscription.fault !== undefined, 'the fault')
      assert.equal((subscription.fault as QueueError).reason, 'out-of-range')
      assert.match(String(subscription.fault?.message), new RegExp(`go on at ${begin}, .* 5 to 10`))
      await subscription.stop()
      assert.deepEqual(subscription.assigned, [])
      assert.deepEqual(reader.taken, [])
    }
  })
  test(`${at.name}: after a failure that may pass the same messages come again, and nothing else before them`, async () => {
    const topic = await at.filled(1, 100)
    const reader = new RecordingReader()
    let left = 3
    const tried: number[] = []
    reader.before = async (_, messages) => {
      tried.push(messages[0]?.offset ?? -1)
      if (left-- > 0) throw new Away('the store is away')
    }
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => reader.taken.length === 100, 'all messages')
    assert.deepEqual(tried.slice(0, 4), [0, 0, 0, 0])
    assert.deepEqual(reader.offsets(0), upTo(100))
    await subscription.stop()
    assert.deepEqual(reader.faults, [])
  })
  test(`${at.name}: any other failure ends the subscription with it`, async () => {
    const topic = await at.filled(2, 10)
    const reader = new RecordingReader()
    const fault = new Error('a bug')
    reader.before = async (partition) => {
      if (partition === 1) throw fault
    }
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => subscription.fault !== undefined, 'the fault')
    assert.equal(subscription.fault, fault)
    await subscription.stop()
    assert.deepEqual(reader.offsets(1), [])
    assert.ok(reader.events.includes('revoked 1'))
  })
  test(`${at.name}: a reader that wants to begin again is asked where`, async () => {
    const topic = await at.filled(1, CALL_MESSAGES + 136)
    const reader = new RecordingReader()
    let isMisplaced = true
    reader.before = async (_, messages) => {
      if (!isMisplaced || (messages[0]?.offset ?? 0) < CALL_MESSAGES) return
      isMisplaced = false
      reader.store.places.set(0, 10)
      throw new Reassign('the store stands elsewhere')
    }
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => reader.taken.length === CALL_MESSAGES + REST, 'all messages')
    assert.deepEqual(reader.offsets(0), [...upTo(CALL_MESSAGES), ...upTo(REST).map((n) => n + 10)])
    assert.deepEqual(reader.events, ['assigned 0 at 0', 'assigned 0 at 10'])
    await subscription.stop()
    assert.deepEqual(reader.faults, [])
  })
  test(`${at.name}: a reader is asked anew where to go on when that is wanted from outside, though nothing comes`, async () => {
    const topic = await at.filled(2, 100)
    const reader = new RecordingReader()
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => reader.taken.length === 200, 'all messages')
    reader.store.places.set(0, 90)
    subscription.reassign(0)
    subscription.reassign(7)
    await waitUntil(() => reader.taken.length === 210, 'the last ten of one partition again')
    assert.deepEqual(reader.offsets(0), [...upTo(100), ...upTo(10).map((n) => n + 90)])
    assert.deepEqual(reader.events.slice(2), ['assigned 0 at 90'])
    const producer = await at.queue.producer()
    for (const p of upTo(2)) await producer.send(topic, p, texts(100, 101))
    await waitUntil(() => reader.taken.length === 212, 'what comes later')
    await subscription.stop()
    subscription.reassign(0)
    assert.deepEqual(reader.faults, [])
    await producer.close()
  })
  test(`${at.name}: being asked anew waits for the call under way, and drops what was to come after it`, async () => {
    const topic = await at.filled(1, CALL_MESSAGES + 136)
    const reader = new RecordingReader()
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let calls = 0
    reader.before = async () => (calls++ === 0 ? held : undefined)
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => calls === 1, 'the first call')
    subscription.reassign(0)
    assert.deepEqual(reader.events, ['assigned 0 at 0'])
    release()
    await waitUntil(() => reader.events.length === 2, 'being asked')
    await waitUntil(() => reader.taken.length >= CALL_MESSAGES + 136, 'all messages')
    await subscription.stop()
    assert.deepEqual(reader.offsets(0), upTo(CALL_MESSAGES + 136))
    assert.deepEqual(reader.faults, [])
  })
  test(`${at.name}: stop waits for the call under way, and nothing comes after it`, async () => {
    const topic = await at.filled(1, CALL_MESSAGES + 136)
    const reader = new RecordingReader()
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isCalled = false
    reader.before = () => {
      isCalled = true
      return held
    }
    const subscription = await at.reading(topic, reader)
    await waitUntil(() => isCalled, 'the first call')
    let isStopped = false
    const stopped = subscription.stop().then(() => {
      isStopped = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isStopped, false)
    release()
    await stopped
    assert.deepEqual(reader.offsets(0), upTo(CALL_MESSAGES))
    assert.deepEqual(reader.events, ['assigned 0 at 0', 'revoked 0'])
  })
}
