/**
 * What notices in a store that all responders share must do beyond every queue and store of plans: nobody's change is lost, and one sends.
 *
 * Each test takes a channel of its own, so one store serves all.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EMPTY_PLAN, type MailPlan } from '@picket/responder'
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

    test('are planned by one at a time: whoever saves a plan that the other has loaded since is refused', async () => {
      const [one, other] = two()
      const channel = anyChannel()
      const sent = (at: number): MailPlan => ({ ...EMPTY_PLAN, sent: [at] })
      await one.load(channel)
      await other.load(channel)
      await assert.rejects(one.save(channel, sent(1)), { name: 'StoreError', retryable: true })
      await other.save(channel, sent(2))
      assert.deepEqual(await one.load(channel), sent(2))
      await one.save(channel, sent(3))
      assert.deepEqual(await other.load(channel), sent(3))
    })
  })
}
