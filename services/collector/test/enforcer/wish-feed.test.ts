/** What looks beside a group that gives this host nothing: how often, and that nobody waits for it. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { type Extent, MemoryQueue, type Subscription } from '@picket/runtime'
import { WishFeed } from '../../src/enforcer/wish-feed.ts'
import { until } from './bed.ts'

/** Whose group gives us no partition, as long as another member has them all. */
class TakenGroup extends MemoryQueue {
  readonly looks: number[] = []
  isFollowing = false
  isFailing = false
  waiting: Promise<void> | undefined

  override async subscribe(): Promise<Subscription> {
    this.isFollowing = true
    return { assigned: [], fault: undefined, reassign: () => undefined, stop: async () => undefined }
  }

  override async extent(topic: string, partition: number): Promise<Extent> {
    if (this.isFollowing) {
      this.looks.push(performance.now())
      await this.waiting
      if (this.isFailing) throw new Error('no broker')
    }
    return super.extent(topic, partition)
  }

  between(first: number, second: number): number {
    return (this.looks[second] ?? 0) - (this.looks[first] ?? 0)
  }
}

let queue: TakenGroup
let feed: WishFeed
let taken: number

beforeEach(async () => {
  queue = new TakenGroup({ topics: { bans: 1 } })
  feed = new WishFeed(queue, { topic: 'bans', group: 'test' }, () => undefined)
  taken = 0
  await feed.readAll()
})

afterEach(async () => {
  await feed.stop()
  await queue.close()
})

async function follow(): Promise<void> {
  await feed.follow(async (lot) => {
    taken += lot.length
  })
}

async function send(): Promise<void> {
  const producer = await queue.producer()
  await producer.send('bans', 0, [{ key: null, value: new Uint8Array(1) }])
}

async function looked(times: number): Promise<void> {
  await until(() => queue.looks.length >= times, `${times} looks`)
}

test('where nothing new lies there it is looked for less and less, and what comes is still taken', async () => {
  await follow()
  await looked(3)
  assert.ok(queue.between(0, 2) > 1_400, 'no more than half a second and one between them')
  await send()
  await until(() => taken === 1, 'the message')
})

test('where looking fails it is tried less and less', async () => {
  queue.isFailing = true
  await follow()
  await looked(3)
  assert.ok(queue.between(0, 2) > 1_400)
})

test('the end waits for no look that the broker keeps waiting, and that one takes nothing later', async () => {
  let answer = (): void => undefined
  queue.waiting = new Promise((resolve) => {
    answer = resolve
  })
  await send()
  await follow()
  await looked(1)
  let isOver = false
  void feed.stop().then(() => {
    isOver = true
  })
  await until(() => isOver, 'the end', 20_000).finally(answer)
  await feed.end()
  assert.equal(taken, 0)
})
