/** One contract for everything that keeps notices and plans: so far memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryNoticeQueue, MemoryPlanStore } from '@picket/responder/main'
import { noticeOf } from '../telling/notices.ts'
import { noticeQueueContract, planStoreContract } from './notice-contract.ts'

const queue = new MemoryNoticeQueue()
noticeQueueContract('in memory', () => queue)
const plans = new MemoryPlanStore()
planStoreContract('in memory', () => plans)

test('the queue in memory is bounded, channel by channel', async () => {
  const small = new MemoryNoticeQueue(1)
  assert.equal(await small.put('a', { notice: noticeOf('1'), since: 1 }), 'put')
  assert.equal(await small.put('a', { notice: noticeOf('2'), since: 1 }), 'full')
  assert.equal(await small.put('b', { notice: noticeOf('2'), since: 1 }), 'put')
})
