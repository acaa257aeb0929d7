/**
 * What notices in a store that all responders share must do beyond every queue and store of plans: nobody's change is lost, and one sends.
 *
 * Each test takes a channel of its own, so one store serves all.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EMPTY_PLAN } from '@picket/responder'
import { StoredNotices } from '@picket/responder/main'
import type { PartitionStore } from '@picket/runtime'
import { noticeOf } from '../telling/notices.ts'

const NOTHING: ReadonlySet<string> = new Set()
const EACH = 20

let channels = 0
const anyChannel = (): string => `shared${channels++}`

export function sharedNoticesContract(name: string, storeOf: () => PartitionStore): void {
  const two = (): [StoredNotices, StoredNotices] => {
    const store = storeOf()
    return [
      new StoredNotices({ store, isSender: () => true }),
      new StoredNotices({ store, isSender: () => false }),
    ]
  }

  describe(`the notices of two responders ${name}`, () => {
    test('are all there when both put at once, each once, and only the sender is given any', async () => {
      const [sender, other] = two()
      const channel = anyChannel()
      const put = (queue: StoredNotices, id: number): Promise<string> =>
        queue.put(channel, { notice: noticeOf(`${id}`), since: 1 })
      const all = Array.from({ length: EACH }, (_, id) => [put(sender, id), put(other, id)]).flat()
      const answers = await Promise.all(all)
      assert.equal(answers.filter((answer) => answer === 'put').length, EACH)
      assert.equal(await other.next(channel, NOTHING), undefined)
      const sent: string[] = []
      for (let next = await sender.next(channel, NOTHING); next !== undefined; ) {
        sent.push(next.notice.id)
        await sender.done(channel, next.notice.id)
        next = await sender.next(channel, NOTHING)
      }
      assert.deepEqual(sent.sort(), Array.from({ length: EACH }, (_, id) => `sample${id}`).sort())
      assert.equal(await other.waiting(channel), 0)
    })

    test('put while the other one takes off are neither lost nor given again', async () => {
      const [sender, other] = two()
      const channel = anyChannel()
      for (let id = 0; id < EACH; id++) await sender.put(channel, { notice: noticeOf(`old${id}`), since: 1 })
      await Promise.all(
        Array.from({ length: EACH }, (_, id) => [
          sender.done(channel, `sampleold${id}`),
          other.put(channel, { notice: noticeOf(`new${id}`), since: 1 }),
        ]).flat(),
      )
      assert.equal(await sender.waiting(channel), EACH)
      assert.match((await sender.next(channel, NOTHING))?.notice.id ?? '', /^samplenew/)
    })

    test('are planned with the queue in one step: of many plans made at once none is lost, nor what leaves by it', async () => {
      const both = two()
      const [sender] = both
      const channel = anyChannel()
      const leave = (id: number): Promise<unknown> =>
        (both[id % 2] as StoredNotices).replan(channel, (plan = EMPTY_PLAN) => ({
          plan: { ...plan, sent: [...plan.sent, id] },
          leaving: [{ notice: noticeOf(`${id}`), since: id }],
          answer: undefined,
        }))
      await Promise.all(Array.from({ length: EACH }, (_, id) => leave(id)))
      assert.equal(await sender.waiting(channel), EACH)
      const { answer } = await both[1].replan(channel, (plan = EMPTY_PLAN) => ({
        plan,
        leaving: [],
        answer: plan.sent,
      }))
      assert.deepEqual(
        [...answer].sort((a, b) => a - b),
        Array.from({ length: EACH }, (_, id) => id),
      )
    })

    test('are planned apart for each channel, and what waits already leaves once', async () => {
      const [one, other] = two()
      const [channel, another] = [anyChannel(), anyChannel()]
      const leaving = [{ notice: noticeOf('a'), since: 1 }]
      const said = { i: { level: 3, kinds: ['vertical_scan'], messageId: 'alert.1' } } as const
      await one.replan(channel, (before) => {
        assert.equal(before, undefined)
        return { plan: { ...EMPTY_PLAN, said }, leaving, answer: undefined }
      })
      const again = await other.replan(channel, (plan = EMPTY_PLAN) => ({ plan, leaving, answer: plan.said }))
      assert.deepEqual(again, { answer: said, noRoom: [] })
      assert.equal(await one.waiting(channel), 1)
      await one.replan(another, (before) => {
        assert.equal(before, undefined)
        return { plan: EMPTY_PLAN, leaving: [], answer: undefined }
      })
    })
  })
}
