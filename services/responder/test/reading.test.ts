import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore, Reassign, StoreError } from '@picket/runtime'
import { alertMessage, Bed, idOf, messagesOf, receipt } from './bed.ts'

const ALL = { start: 0, end: 0 }

test('an alert is told after its commit, and what was told is known to the next owner', async () => {
  const bed = new Bed()
  const [message] = messagesOf(0, [alertMessage(1)])
  assert.ok(message !== undefined)
  assert.equal(await bed.reading.alerts.assigned(0, ALL), 0)
  await bed.reading.alerts.messages(0, [message], 1)
  await bed.until(() => bed.toldIds.length === 1, 'the alert')
  await bed.reading.alerts.leave()

  const next = new Bed(bed.store)
  assert.equal(await next.reading.alerts.assigned(0, { start: 0, end: 1 }), 1)
  await next.reading.alerts.messages(0, [{ ...message, offset: 1 }], 2)
  assert.match(await next.metrics.registry.metrics(), /alerts_weighed_total\{reason="known"\} 1/)
  assert.deepEqual(next.toldIds, [])
})

test('an alert that was committed and not told is told by the next owner, with the same id, and only then forgotten', async () => {
  const bed = new Bed()
  bed.sink.isHolding = true
  await bed.reading.alerts.assigned(0, ALL)
  await bed.reading.alerts.messages(0, messagesOf(0, [alertMessage(7)]), 1)

  const next = new Bed(bed.store)
  await next.reading.alerts.assigned(0, { start: 0, end: 1 })
  await next.until(() => next.toldIds.length === 1, 'the alert')
  assert.deepEqual(next.toldIds, [idOf(7)])
  await next.reading.alerts.leave()
  assert.deepEqual((await bed.store.claim('alerts:0')).outbox, [])
})

test('a commit that fails tells nothing, and the same messages come to the same end when they come again', async () => {
  const bed = new Bed(new FailingStore(2))
  const messages = messagesOf(0, [alertMessage(1), alertMessage(2)])
  await bed.reading.alerts.assigned(0, ALL)
  for (let turn = 0; turn < 2; turn++) {
    await assert.rejects(bed.reading.alerts.messages(0, messages, 2), StoreError)
    assert.deepEqual(bed.toldIds, [])
  }
  await bed.reading.alerts.messages(0, messages, 2)
  await bed.until(() => bed.toldIds.length === 2, 'both alerts')

  const next = new Bed(bed.store)
  await next.reading.alerts.assigned(0, { start: 0, end: 2 })
  assert.equal(next.reading.alerts.folds[0]?.incidents, 2)
})

test('messages that the store has already are passed over', async () => {
  const bed = new Bed()
  const messages = messagesOf(0, [alertMessage(1), alertMessage(2)])
  await bed.reading.alerts.assigned(0, ALL)
  await bed.reading.alerts.messages(0, messages, 2)
  await bed.reading.alerts.messages(0, messages.slice(0, 1), 2)
  await bed.until(() => bed.toldIds.length === 2, 'both alerts')
  assert.equal((await bed.store.claim('alerts:0')).next, 2)
})

test('an owner that lost its partition tells nothing and begins again from the store', async () => {
  const bed = new Bed()
  await bed.reading.alerts.assigned(0, ALL)
  const other = new Bed(bed.store)
  await other.reading.alerts.assigned(0, ALL)
  await assert.rejects(bed.reading.alerts.messages(0, messagesOf(0, [alertMessage(1)]), 1), Reassign)
  assert.deepEqual(bed.toldIds, [])
  assert.match(await bed.metrics.registry.metrics(), /commits_refused_total\{reason="fenced"\} 1/)
})

test('a quiet partition that the store has elsewhere is to be placed anew, and is told once', async () => {
  const bed = new Bed()
  const { alerts } = bed.reading
  await alerts.assigned(0, { start: 0, end: 1 })
  await alerts.messages(0, messagesOf(0, [alertMessage(1)]), 1)
  assert.deepEqual([await alerts.displaced(), await alerts.displaced()], [[], []], 'all is well')
  await bed.store.claim('alerts:0')
  assert.deepEqual([await alerts.displaced(), await alerts.displaced()], [[0], []])
  await alerts.assigned(0, { start: 0, end: 1 })
  assert.deepEqual([await alerts.displaced(), await alerts.displaced()], [[], []], 'it is ours again')
})

test('what cannot be used is set aside with the reason, and what comes behind it is told', async () => {
  const bed = new Bed()
  const outOfForm = alertMessage(3, { id: 'not an id' })
  const messages = messagesOf(0, ['poison', null, outOfForm, receipt(Date.now()), alertMessage(1)])
  await bed.reading.alerts.assigned(0, ALL)
  await bed.reading.alerts.messages(0, messages, 5)
  await bed.until(() => bed.toldIds.length === 1, 'the good one')
  assert.deepEqual(
    bed.letters.map(({ topic, offset, reason }) => [topic, offset, reason]),
    [
      ['picket.alerts', 0, 'not-ours'],
      ['picket.alerts', 1, 'empty'],
      ['picket.alerts', 2, 'out-of-form'],
      ['picket.alerts', 3, 'wrong-type'],
    ],
  )
  assert.deepEqual(bed.letters[0]?.value?.toString(), Buffer.from('poison').toString())
})

test('an alert of long ago is recorded and not told', async () => {
  const bed = new Bed()
  const time = Date.now() - 2 * 3_600_000
  await bed.reading.alerts.assigned(0, ALL)
  await bed.reading.alerts.messages(0, messagesOf(0, [alertMessage(1, { time })]), 1)
  await bed.reading.alerts.leave()
  assert.deepEqual(bed.toldIds, [])
  const next = new Bed(bed.store)
  await next.reading.alerts.assigned(0, { start: 0, end: 1 })
  assert.equal(next.reading.alerts.folds[0]?.incidents, 1)
})

test('a reader of alerts that stands still holds up the reading only when a thousand wait, and never a change of owner', async () => {
  const bed = new Bed()
  bed.sink.isHolding = true
  await bed.reading.alerts.assigned(0, ALL)
  const all = Array.from({ length: 1_000 }, (_, number) => alertMessage(number))
  await bed.reading.alerts.messages(0, messagesOf(0, all), 1_000)
  const more = bed.reading.alerts.messages(0, messagesOf(1_000, [alertMessage(5_000)]), 1_001)
  await assert.rejects(more, (error: { retryable?: boolean }) => error.retryable === true)
  await bed.reading.alerts.leave()

  const next = new Bed(bed.store)
  assert.equal(await next.reading.alerts.assigned(0, { start: 0, end: 1_001 }), 1_000)
  await next.until(() => next.toldIds.length === 1_000, 'all that waited')
})

test('a partition keeps its share of the incidents, and the store forgets the others with the next commit', async () => {
  const bed = new Bed(new MemoryStore(), 4)
  await bed.reading.alerts.assigned(0, ALL)
  const all = [1, 2, 3, 4].map((number) => {
    const alert = alertMessage(number)
    return { ...alert, incident: { ...alert.incident, lastSeen: alert.time + number } }
  })
  await bed.reading.alerts.messages(0, messagesOf(0, all.slice(0, 3)), 4)
  assert.equal(bed.reading.alerts.folds[0]?.incidents, 2)
  await bed.reading.alerts.messages(0, messagesOf(3, all.slice(3)), 4)
  await bed.reading.alerts.leave()
  const next = new Bed(bed.store, 100)
  await next.reading.alerts.assigned(0, { start: 0, end: 4 })
  // the one that the fourth pushed out is still to be forgotten by the store
  assert.equal(next.reading.alerts.folds[0]?.incidents, 3)
})

test('a silent host is told blind once, across a change of owner, and heard again once', async () => {
  const bed = new Bed()
  const now = Date.now()
  await bed.reading.receipts.assigned(0, ALL)
  await bed.reading.receipts.messages(0, messagesOf(0, [receipt(now)]), 1)
  const look = async (of: Bed): Promise<void> => {
    for (const fold of of.reading.receipts.caughtUp) await fold.look(now + 60_000, now)
  }
  await look(bed)
  await look(bed)
  assert.equal(bed.log.match(/blind host/g)?.length, 1)

  const next = new Bed(bed.store)
  await next.reading.receipts.assigned(0, { start: 0, end: 1 })
  await look(next)
  assert.doesNotMatch(next.log, /blind host/)
  await next.reading.receipts.messages(0, messagesOf(1, [receipt(now), receipt(now)]), 3)
  assert.equal(next.log.match(/sees again/g)?.length, 1)
})

test('a first start reads the latest receipts, and every alert', async () => {
  const bed = new Bed()
  const extent = { start: 100, end: 1_000_000 }
  assert.equal(await bed.reading.receipts.assigned(0, extent), 990_000)
  assert.equal(await bed.reading.alerts.assigned(0, extent), 100)
  assert.deepEqual(
    [bed.reading.receipts.caughtUp.length, bed.reading.receipts.behindMs],
    [0, Number.POSITIVE_INFINITY],
  )
})

/** Refuses the first commits, as a Redis that is being restarted. */
class FailingStore extends MemoryStore {
  #left: number

  constructor(times: number) {
    super()
    this.#left = times
  }

  override async commit(...commit: Parameters<MemoryStore['commit']>): ReturnType<MemoryStore['commit']> {
    if (this.#left-- > 0) throw new StoreError('busy', 'loading')
    return super.commit(...commit)
  }
}
