/** The ends of incidents, over a queue and a store in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress, partitionOf } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { type IncidentNotice, isOver, NO_MEASURE, TELLS_ENDS } from '../src/index.ts'
import { alertMessage, idOf } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'
import { type Fleet, Hook, newFleet, PARTITIONS, until } from './memory-fleet.ts'

const HOME = partitionOf(parseAddress('203.0.113.9') ?? new Int32Array(4), PARTITIONS)

function endOf(fleet: Fleet): IncidentNotice | undefined {
  return fleet.hook.notices.find((notice) => notice.kind === 'resolve') as IncidentNotice | undefined
}

async function end(fleet: Fleet): Promise<IncidentNotice> {
  await until(() => endOf(fleet) !== undefined, 'the end')
  return endOf(fleet) as IncidentNotice
}

async function isForgotten({ store }: Fleet): Promise<boolean> {
  const keys = Array.from({ length: 64 }, (_, bucket) => `g${bucket}`)
  const values = await store.load(`alerts:${HOME}`, keys)
  return values.every((value) => value === null || value.length <= 2)
}

test('an incident is over when its source is quiet, as the detector sees it, and is told so once, after a restart too', async () => {
  const fleet = newFleet()
  const alert = alertMessage(1)
  const lastSeen = Date.now() + 2_000
  const incident = { ...alert.incident, packets: alert.incident.packets + 1, lastSeen }
  const value = MESSAGES.alert.encode({ ...alert, id: idOf(1), revision: 0, rose: [], incident })
  const { epoch } = await fleet.store.claim(`packets:${HOME}`)
  await fleet.store.note(`packets:${HOME}`, epoch, [{ key: `i${idOf(1)}`, value, ttlSeconds: 60 }])
  const before = fleet.start()
  await until(() => before.ready().ok, 'it to be ready')
  await fleet.alert(1, HOME)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  await before.stop()
  assert.equal(endOf(fleet), undefined)
  const again = fleet.start({ quietSeconds: 1 })
  const { id, time, alert: ended } = await end(fleet)
  assert.deepEqual([id, ended.incident.packets], [`${idOf(1)}.resolve`, incident.packets])
  assert.ok(time > lastSeen + 1_000)
  await until(() => isForgotten(fleet), 'it to be forgotten')
  await again.stop()
  assert.equal(fleet.hook.notices.length, 2)
})

test('an incident is not over while a ban of its source is in force', async () => {
  const fleet = newFleet()
  const rules = policyOf([{ ...BAN_RULE, banSeconds: 3 }])
  const responder = fleet.start({ quietSeconds: 1, policy: rules })
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  await fleet.alert(1, HOME)
  const { time } = await end(fleet)
  const [ban] = (await fleet.wished()).values()
  assert.ok(time >= (ban?.wishes[0]?.until ?? Number.POSITIVE_INFINITY))
})

test('whoever begins to send is told what stands', async () => {
  const standing: string[][] = []
  class Standing extends Hook {
    stand(notices: readonly IncidentNotice[]): void {
      standing.push(notices.map(({ alert }) => alert.incident.id))
    }
  }
  const fleet = newFleet(new Standing())
  const before = fleet.start()
  await until(() => before.ready().ok, 'it to be ready')
  await fleet.alert(1, HOME)
  await until(async () => !(await isForgotten(fleet)), 'it to be kept')
  await before.stop()
  standing.length = 0
  fleet.start()
  await until(() => standing.some((ids) => ids.length > 0), 'it to be told')
  assert.deepEqual(standing.at(-1), [idOf(1)])
})

test('people are not told of ends, and an end is neither early nor within a ban', () => {
  assert.ok(['mail', 'slack', 'syslog', 'stdout', 'dshield'].every((type) => !TELLS_ENDS.has(type as never)))
  const story = { incident: 'a', channels: ['pager'], subject: null, lastSeen: 0, decision: NO_MEASURE }
  const at = (now: number, bannedUntil?: number): boolean => isOver(story, { now, quietMs: 10, bannedUntil })
  assert.deepEqual([at(10), at(11), at(11, 12), at(12, 12)], [false, true, false, true])
})
