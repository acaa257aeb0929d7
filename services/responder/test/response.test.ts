/** Responders that decide, over a queue and a store in memory: several of them share the bans and the notices. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '@picket/runtime'
import { parseAddress, partitionOf } from '@picket/schemas'
import type { BanRequest } from '../src/index.ts'
import type { Responder } from '../src/main.ts'
import { bansOf, newFleet, PARTITIONS, RefusingStore, until } from './memory-fleet.ts'

function byHand(subject: string): BanRequest {
  return { id: `hand ${subject}`, subject, seconds: 600, hosts: [], why: 'by hand', by: 'hand' }
}

test('a dry run tells and signs nothing; enabled, the ban lies signed in the partition of its subject', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  await fleet.alert(1)
  await until(() => fleet.hook.notices.length === 1, 'the first notice')
  assert.equal((await fleet.wished()).size, 0)
  await fleet.enable(responder)
  await fleet.alert(2)
  await until(() => fleet.hook.notices.length === 2, 'the second notice')
  const outcomes = fleet.hook.notices.map((notice) => 'decision' in notice && notice.decision.outcome)
  assert.deepEqual(outcomes, ['would-ban', 'banned'])
  assert.deepEqual([...(await fleet.wished()).keys()], ['203.0.113.9'])
})

test('a ban that the store does not take at first is placed at the retry, and the alert is told', async () => {
  const fleet = newFleet()
  let refusals = 1
  fleet.store = new RefusingStore((_, keys) => keys.some((key) => key.startsWith('b')) && refusals-- > 0)
  const responder = fleet.start()
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  await fleet.alert(1)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  assert.ok(refusals < 0)
  assert.deepEqual([...(await fleet.wished()).keys()], ['203.0.113.9'])
})

test('what one responder is asked for another one’s partition is done by that one, and both list it', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  for (const responder of responders) await fleet.enable(responder)
  const subjects = Array.from({ length: 8 }, (_, host) => `198.51.100.${host}`)
  const homes = new Set(
    subjects.map((text) => partitionOf(parseAddress(text) ?? new Int32Array(4), PARTITIONS)),
  )
  assert.ok(homes.size > 1)
  for (const subject of subjects) await bansOf(responders[0] as Responder).place(byHand(subject))
  await until(async () => (await fleet.wished()).size === subjects.length, 'all bans')
  for (const responder of responders) {
    const listed = (await bansOf(responder).list()).map(({ subject }) => subject)
    assert.deepEqual(listed.sort(), [...subjects].sort())
  }
})

test('an allowlist that one responder changes lifts the bans of all', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  const first = bansOf(responders[0] as Responder)
  await fleet.enable(responders[0] as Responder)
  for (let host = 0; host < 8; host++) await first.place(byHand(`198.51.100.${host}`))
  await until(async () => (await fleet.wished()).size === 8, 'all bans')
  const entry = { network: '198.51.100.0/24', until: null, comment: '', from: 'command' } as const
  await first.state.settings.update((before) => ({ ...before, allow: [entry] }))
  const isLifted = async (): Promise<boolean> =>
    [...(await fleet.wished()).values()].every(({ wishes }) => wishes.length === 0)
  await until(isLifted, 'all to be lifted')
})

test('two responders send what waits for a channel once', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  for (let number = 0; number < 12; number++) await fleet.alert(number, number % PARTITIONS)
  await until(() => fleet.hook.notices.length >= 12, 'all notices')
  const ids = fleet.hook.notices.map(({ id }) => id)
  assert.deepEqual([ids.length, new Set(ids).size], [12, 12])
})

test('a store that was emptied costs no ban: they are taken back from the topic, and nothing new is banned before it is enabled again', async () => {
  const fleet = newFleet()
  const before = fleet.start()
  await until(() => before.ready().ok, 'it to be ready')
  await fleet.enable(before)
  await bansOf(before).place(byHand('198.51.100.1'))
  await before.stop()
  const { revision } = (await fleet.wished()).get('198.51.100.1') ?? { revision: 0 }
  fleet.store = new MemoryStore()
  const again = fleet.start()
  await until(() => bansOf(again).inForce === 1, 'the ban to be known again')
  assert.equal(bansOf(again).mode, 'dry-run')
  await bansOf(again).lift('198.51.100.1')
  const lifted = (await fleet.wished()).get('198.51.100.1')
  assert.deepEqual(lifted?.wishes, [])
  assert.ok((lifted?.revision ?? 0) > revision && revision > 0)
})
