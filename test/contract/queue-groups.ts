/**
 * The contract of the queue: several members of one group.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALL_MESSAGES } from '@picket/runtime'
import { waitUntil } from '../services/wait-until.ts'
import type { Bench } from './queue-bench.ts'
import { RecordingReader, Store, texts, upTo } from './recording-reader.ts'

export function groupsContract(at: Bench): void {
  test(`${at.name}: members share the partitions, and what one leaves the others go on with, without gap or repeat`, async () => {
    const topic = await at.filled(6, 50)
    const store = new Store()
    const readers = [0, 1, 2].map(() => new RecordingReader(store))
    const first = await at.reading(topic, readers[0] as RecordingReader)
    await waitUntil(() => first.assigned.length === 6, 'the first to have all')
    const second = await at.reading(topic, readers[1] as RecordingReader, at.connect())
    const third = await at.reading(topic, readers[2] as RecordingReader, at.connect())
    const all = [first, second, third]
    await waitUntil(
      () => all.every(({ assigned }) => assigned.length === 2),
      () => JSON.stringify(all.map((s) => s.assigned)),
    )
    assert.deepEqual(all.flatMap(({ assigned }) => assigned).sort(), upTo(6))
    const producer = await at.queue.producer()
    const fill = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) for (const p of upTo(6)) await producer.send(topic, p, texts(n, n + 1))
    }
    const filling = fill(50, 150)
    await second.stop()
    await waitUntil(
      () => [first, third].every(({ assigned }) => assigned.length === 3),
      'the others to have all',
    )
    await filling
    const taken = (): number => readers.reduce((sum, reader) => sum + reader.taken.length, 0)
    await waitUntil(
      () => taken() >= 900,
      () => `all messages, not ${taken()}`,
    )
    await Promise.all(all.map((subscription) => subscription.stop()))
    for (const reader of readers) assert.deepEqual(reader.faults, [])
    for (const p of upTo(6)) {
      const offsets = readers.flatMap((reader) => reader.offsets(p)).sort((a, b) => a - b)
      assert.deepEqual(offsets, upTo(150))
    }
    await producer.close()
  })
  test(`${at.name}: a partition does not move under a call of its reader`, async () => {
    const topic = await at.filled(2, CALL_MESSAGES + 36)
    const store = new Store()
    const slow = new RecordingReader(store)
    const quick = new RecordingReader(store)
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const called = new Set<number>()
    slow.before = (partition) => {
      called.add(partition)
      return held
    }
    const first = await at.reading(topic, slow)
    await waitUntil(() => called.size === 2, 'both calls')
    const second = await at.reading(topic, quick, at.connect())
    await waitUntil(() => at.isChanging(topic), 'the group to want its partitions back')
    assert.deepEqual(quick.events, [])
    release()
    await waitUntil(() => slow.taken.length + quick.taken.length === 2 * (CALL_MESSAGES + 36), 'all messages')
    await Promise.all([first.stop(), second.stop()])
    assert.deepEqual([...slow.faults, ...quick.faults], [])
    assert.equal(quick.taken.length, 36, 'what was left of its partition')
    for (const p of upTo(2))
      assert.deepEqual([...slow.offsets(p), ...quick.offsets(p)], upTo(CALL_MESSAGES + 36))
  })

  test(`${at.name}: a queue that is closed takes nothing more`, async () => {
    const other = at.connect()
    const producer = await other.producer()
    await other.close()
    await assert.rejects(producer.send(await at.topic(1), 0, texts(0, 1)))
    await assert.rejects(async () => other.producer())
  })
}
