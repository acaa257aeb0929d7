/**
 * The contract of the queue: sending, and reading without a group.
 */
import assert from 'node:assert/strict'
import { getRandomValues } from 'node:crypto'
import { test } from 'node:test'
import type { Message } from '@picket/runtime'
import { asText, type Bench, collect, isFault } from './queue-bench.ts'
import { RecordingReader, text, texts, upTo } from './recording-reader.ts'

export function sendingContract(at: Bench): void {
  test(`${at.name}: what was sent is read in the order of sending, from the offset that send told`, async () => {
    const topic = await at.topic(1)
    const producer = await at.queue.producer()
    const first = await Promise.all([1, 2, 3].map((n) => producer.send(topic, 0, texts(n * 10, n * 10 + 4))))
    assert.deepEqual(first, [0, 4, 8])
    assert.deepEqual(await at.queue.extent(topic, 0), { start: 0, end: 12 })
    const read = await collect(at.queue, topic, 0, 12)
    assert.deepEqual(read.map(asText), [
      '10',
      '11',
      '12',
      '13',
      '20',
      '21',
      '22',
      '23',
      '30',
      '31',
      '32',
      '33',
    ])
    assert.deepEqual(
      read.map(({ offset }) => offset),
      upTo(12),
    )
    await producer.close()
  })
  test(`${at.name}: messages carry the time of appending, tombstones and keys that are empty`, async () => {
    const topic = await at.topic(1)
    const producer = await at.queue.producer()
    const since = Date.now()
    await producer.send(topic, 0, [
      { key: new Uint8Array(0), value: null },
      { key: null, value: new Uint8Array(0) },
      { key: new Uint8Array([0, 255]), value: new Uint8Array([1]) },
    ])
    const read = await collect(at.queue, topic, 0, 3)
    assert.deepEqual(
      read.map(({ key, value }) => [key === null ? null : [...key], value === null ? null : [...value]]),
      [
        [[], null],
        [null, []],
        [[0, 255], [1]],
      ],
    )
    for (const { time } of read) assert.ok(time >= since - 1 && time <= Date.now() + 1, String(time))
    await producer.close()
  })
  test(`${at.name}: sendAll appends to several partitions, each in order`, async () => {
    const topic = await at.topic(3)
    const producer = await at.queue.producer()
    const messages = upTo(30).map((n) => ({ ...text(String(n)), partition: n % 3 }))
    await Promise.all([
      producer.sendAll(topic, messages.slice(0, 12)),
      producer.sendAll(topic, messages.slice(12)),
    ])
    for (const partition of upTo(3)) {
      const read = await collect(at.queue, topic, partition, 10)
      assert.deepEqual(
        read.map(asText),
        upTo(10).map((n) => String(n * 3 + partition)),
      )
    }
    await producer.close()
  })
  test(`${at.name}: a part of a partition is read from one offset to another`, async () => {
    const topic = await at.filled(1, 300)
    const read: Message[] = []
    for await (const message of at.queue.read(topic, 0, 100, 250)) read.push(message)
    assert.deepEqual(
      read.map(({ offset }) => offset),
      upTo(150).map((n) => n + 100),
    )
  })
  test(`${at.name}: a topic that is not there is told as no-topic`, async () => {
    await assert.rejects(at.queue.partitions('picket-nowhere'), isFault('no-topic'))
    await assert.rejects(at.reading('picket-nowhere', new RecordingReader()), isFault('no-topic'))
    assert.equal(await at.queue.partitions(await at.topic(5)), 5)
  })
  test(`${at.name}: what is too large is refused, and the next message of the partition is appended`, async () => {
    const topic = await at.topic(2)
    const producer = await at.queue.producer()
    const noise = { key: null, value: getRandomValues(new Uint8Array(65_536)) }
    const large = Array.from({ length: 40 }, () => noise)
    const random = large.map(() => ({ key: null, value: getRandomValues(new Uint8Array(65_536)) }))
    await producer.send(topic, 0, texts(0, 1))
    await assert.rejects(producer.send(topic, 0, random), isFault('too-large'))
    const both = producer.send(topic, 1, texts(7, 8))
    await assert.rejects(producer.send(topic, 0, random), isFault('too-large'))
    await both
    assert.equal(await producer.send(topic, 0, texts(1, 3)), 1)
    assert.deepEqual((await collect(at.queue, topic, 0, 3)).map(asText), ['0', '1', '2'])
    assert.deepEqual((await collect(at.queue, topic, 1, 1)).map(asText), ['7'])
    await producer.close()
  })
}
