/**
 * What every queue of notices and every store of plans must do. Each test takes a channel of its own, so one store serves all.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EMPTY_PLAN, type Notice, type NoticeQueue, type PlanStore } from '@picket/responder'
import { noticeOf } from '../telling/notices.ts'

let channels = 0
const anyChannel = (): string => `channel${channels++}`

function notice(id: string, incident: string = id): Notice {
  return noticeOf(id, { id: incident })
}

const NOTHING: ReadonlySet<string> = new Set()

export function noticeQueueContract(name: string, queueOf: () => NoticeQueue): void {
  describe(`the queue of notices ${name}`, () => {
    test('gives the oldest again and again until it is done', async () => {
      const [queue, channel] = [queueOf(), anyChannel()]
      for (const id of ['b', 'a', 'c']) await queue.put(channel, { notice: notice(id), since: 7 })
      for (const expected of ['sampleb', 'sampleb']) {
        assert.equal((await queue.next(channel, NOTHING))?.notice.id, expected)
      }
      await queue.done(channel, 'sampleb')
      assert.equal((await queue.next(channel, NOTHING))?.notice.id, 'samplea')
    })

    test('gives back what was put, whole', async () => {
      const [queue, channel] = [queueOf(), anyChannel()]
      const waiting = {
        notice: noticeOf('ü\u202e', { source: null, reasons: ['a\nb'] }),
        since: 1_795_448_000_000,
      }
      await queue.put(channel, waiting)
      assert.deepEqual(await queue.next(channel, NOTHING), waiting)
    })

    test('takes a notice that waits already only once, and one that is done anew', async () => {
      const [queue, channel] = [queueOf(), anyChannel()]
      assert.equal(await queue.put(channel, { notice: notice('a'), since: 1 }), 'put')
      assert.equal(await queue.put(channel, { notice: notice('a'), since: 2 }), 'known')
      await queue.done(channel, 'samplea')
      assert.equal(await queue.next(channel, NOTHING), undefined)
      assert.equal(await queue.put(channel, { notice: notice('a'), since: 3 }), 'put')
    })

    test('passes over the threads that must wait, and no other', async () => {
      const [queue, channel] = [queueOf(), anyChannel()]
      await queue.put(channel, { notice: notice('a1', 'a'), since: 1 })
      await queue.put(channel, { notice: notice('a2', 'a'), since: 1 })
      await queue.put(channel, { notice: notice('b1', 'b'), since: 1 })
      assert.equal((await queue.next(channel, new Set(['a'])))?.notice.id, 'sampleb1')
      assert.equal(await queue.next(channel, new Set(['a', 'b'])), undefined)
    })

    test('keeps channels apart', async () => {
      const [queue, one, other] = [queueOf(), anyChannel(), anyChannel()]
      await queue.put(one, { notice: notice('a'), since: 1 })
      assert.equal(await queue.next(other, NOTHING), undefined)
      await queue.done(other, 'samplea')
      assert.equal((await queue.next(one, NOTHING))?.notice.id, 'samplea')
    })

    test('does not mind a notice that is done and was never put', async () => {
      await queueOf().done(anyChannel(), 'none')
    })
  })
}

export function planStoreContract(name: string, storeOf: () => PlanStore): void {
  describe(`the store of plans ${name}`, () => {
    test('gives back the last plan of a channel, and none of another', async () => {
      const [store, channel] = [storeOf(), anyChannel()]
      assert.equal(await store.load(channel), undefined)
      await store.save(channel, EMPTY_PLAN)
      const said = { i: { level: 3, kinds: ['vertical_scan'], messageId: 'alert.1' } } as const
      await store.save(channel, { ...EMPTY_PLAN, sent: [1, 2], said })
      assert.deepEqual(await store.load(channel), { ...EMPTY_PLAN, sent: [1, 2], said })
      assert.equal(await store.load(anyChannel()), undefined)
    })
  })
}
