import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Extent, type Message, type PartitionReader, Reassign } from '@picket/runtime'
import { MESSAGES } from '@picket/schemas/messages'
import { AlertLane } from '../src/adapters/alert-lane.ts'
import { alertOf } from './alerts.ts'

/** A reader that stands at an offset, and fails as often as it is told to. */
class Reader implements PartitionReader {
  readonly taken: { readonly offset: number; readonly incident: string }[] = []
  readonly faults: Error[] = []
  next = 7

  async assigned(_: number, { start, end }: Extent): Promise<number> {
    assert.deepEqual([start, end], [0, 0])
    return this.next
  }

  async messages(_: number, messages: readonly Message[], end: number): Promise<void> {
    const fault = this.faults.shift()
    if (fault !== undefined) throw fault
    assert.equal(end, (messages.at(-1)?.offset ?? 0) + 1)
    for (const { offset, value } of messages) {
      const alert = MESSAGES.alert.decode(value ?? new Uint8Array(0))
      assert.ok(alert.ok)
      this.taken.push({ offset, incident: alert.value.incident.id })
    }
    this.next = end
  }

  async revoked(): Promise<void> {}
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => at.toString(16).padStart(16, '0'))
}

test('alerts are numbered on from where the store stands, in order, many at a time', async () => {
  const reader = new Reader()
  const lane = new AlertLane({ reader, failed: (error) => assert.fail(error) })
  await lane.start()
  const ids = numbered(450)
  await Promise.all(ids.map((id) => lane.put(alertOf({ id }))))
  assert.deepEqual(
    reader.taken,
    ids.map((incident, at) => ({ offset: 7 + at, incident })),
  )
  await lane.stop()
})

test('what the reader could not take comes again, and from where it stands when it has lost its place', async () => {
  const reader = new Reader()
  const failed: string[] = []
  const lane = new AlertLane({ reader, failed: ({ message }) => failed.push(message) })
  await lane.start()
  reader.faults.push(new Error('slow'), new Reassign('moved'))
  reader.next = 20
  await lane.put(alertOf({}))
  assert.deepEqual(failed, ['slow', 'moved'])
  assert.deepEqual(
    reader.taken.map(({ offset }) => offset),
    [20],
  )
  await lane.stop()
})
