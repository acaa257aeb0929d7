/** What hosts answer to a ban, and how it is told: with the first notice where they answer soon, else in one more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore, type PartitionStore } from '@picket/runtime'
import { parseAddress, partitionOf } from '@picket/schemas'
import type { IncidentNotice, Notice } from '../src/index.ts'
import type { ResponseSettings } from '../src/main.ts'
import { type Fleet, newFleet, PARTITIONS, RefusingStore, until } from './memory-fleet.ts'

const GATEWAY = 'gateway: the gateway of the default route'
const SUBJECT = '203.0.113.9'
const HOME = partitionOf(parseAddress(SUBJECT) ?? new Int32Array(4), PARTITIONS)

function beat(everyMs = 60_000) {
  return { started: Date.now(), everyMs, state: 'running', faults: [], numbers: {} }
}

/** A fleet whose bans are enabled, with these hosts. */
async function fleetOf(
  hosts: readonly string[],
  settings: Partial<ResponseSettings> = {},
  store: PartitionStore = new MemoryStore(),
) {
  const fleet = newFleet()
  fleet.store = store
  for (const host of hosts) await fleet.say(host, { heartbeat: beat(), ban: null })
  const responder = fleet.start({ answerSeconds: 60, ...settings })
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  return { fleet, responder }
}

async function wish(fleet: Fleet): Promise<number> {
  await until(async () => (await fleet.wished()).has(SUBJECT), 'the ban')
  return (await fleet.wished()).get(SUBJECT)?.revision ?? 0
}

async function answer(fleet: Fleet, host: string, outcome: string, why = ''): Promise<void> {
  const ban = { subject: SUBJECT, revision: await wish(fleet), outcome, why, kernelReadBack: 0 }
  await fleet.say(host, { heartbeat: null, ban })
}

function told(fleet: Fleet, at = 0): IncidentNotice {
  const notice: Notice | undefined = fleet.hook.notices[at]
  assert.ok(notice !== undefined && 'alert' in notice)
  return notice
}

/** Ids of the alerts that may still have an update. */
async function followed({ store }: Fleet): Promise<string[] | undefined> {
  const [list] = await store.load(`alerts:${HOME}`, ['f'])
  return list ? (JSON.parse(new TextDecoder().decode(list)) as string[]) : undefined
}

/** What was followed has come to its end. */
async function settled(fleet: Fleet): Promise<void> {
  await until(async () => (await followed(fleet))?.length === 0, 'the end of the story')
}

test('a ban that all hosts have done is told with their number, and not again', async () => {
  const { fleet } = await fleetOf(['web1', 'web2'])
  await fleet.alert(1, HOME)
  for (const host of ['web1', 'web2']) await answer(fleet, host, 'applied')
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  const { decision } = told(fleet)
  assert.equal(decision.outcome, 'banned')
  assert.deepEqual(decision.answers?.applied, ['web1', 'web2'])
  assert.equal(await followed(fleet), undefined)
})

test('a ban that every host refuses is no ban, and the first notice says who refused and why', async () => {
  const { fleet } = await fleetOf(['web1', 'web2'])
  await fleet.alert(1, HOME)
  for (const host of ['web1', 'web2']) await answer(fleet, host, 'refused', GATEWAY)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  const { decision } = told(fleet)
  assert.equal(decision.outcome, 'refused')
  assert.deepEqual(decision.answers?.refused, [
    { host: 'web1', why: GATEWAY },
    { host: 'web2', why: GATEWAY },
  ])
  assert.ok(decision.reasons.every((reason) => !reason.startsWith('banned')))
})

test('a host that refuses after the notice has left is one update in the thread, also when another responder has taken over', async () => {
  const { fleet, responder } = await fleetOf(['web2'], { answerSeconds: 0 })
  await fleet.alert(1, HOME)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  assert.deepEqual(told(fleet).decision.answers?.missing, ['web2'])
  await responder.stop()
  fleet.start()
  await answer(fleet, 'web2', 'refused', GATEWAY)
  await settled(fleet)
  assert.equal(fleet.hook.notices.length, 2)
  const update = told(fleet, 1)
  assert.deepEqual([update.kind, update.id, update.isAboutHosts], ['update', `${told(fleet).id}.hosts`, true])
  assert.deepEqual(update.decision.answers?.refused, [{ host: 'web2', why: GATEWAY }])
})

test('a notice that left before a responder ended, with its hosts not yet noted as told, is followed up all the same', async () => {
  let isQueued = false
  let isAway = true
  const store = new RefusingStore((name, keys) => {
    isQueued ||= name.startsWith('notices:')
    return isAway && isQueued && keys.includes('f')
  })
  const { fleet, responder } = await fleetOf(['web2'], { answerSeconds: 0 }, store)
  await fleet.alert(1, HOME)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  await responder.stop()
  isAway = false
  await answer(fleet, 'web2', 'refused', GATEWAY)
  fleet.start()
  const update = (): boolean => fleet.hook.notices.some(({ kind }) => kind === 'update')
  await until(update, 'the update')
  assert.ok(fleet.hook.notices.every((_, at) => told(fleet, at).alert.id === told(fleet).alert.id))
  const firsts = fleet.hook.notices.flatMap(({ kind }, at) => (kind === 'incident' ? [told(fleet, at)] : []))
  for (const { decision } of firsts) assert.deepEqual(decision.answers?.missing, ['web2'])
  const last = told(fleet, fleet.hook.notices.length - 1)
  assert.deepEqual(last.decision.answers?.refused, [{ host: 'web2', why: GATEWAY }])
})

test('a host that is late and does it after all is not told of again', async () => {
  const { fleet } = await fleetOf(['web1'], { answerSeconds: 0 })
  await fleet.alert(1, HOME)
  await until(() => fleet.hook.notices.length === 1, 'the notice')
  await answer(fleet, 'web1', 'applied')
  await settled(fleet)
  assert.equal(fleet.hook.notices.length, 1)
})

test('a host that never confirms is told of once, by the page where a channel hears of pages', async () => {
  const { fleet } = await fleetOf(['web1'], { answerSeconds: 0, confirmSeconds: 1 })
  await fleet.alert(1, HOME)
  await settled(fleet)
  assert.equal(fleet.hook.notices.length, 2)
  assert.deepEqual(told(fleet, 1).decision.answers?.missing, ['web1'])

  const paged = await fleetOf(['web1'], { answerSeconds: 0, confirmSeconds: 1, operations: ['hook'] })
  await paged.fleet.alert(1, HOME)
  await settled(paged.fleet)
  await until(() => paged.fleet.hook.notices.length > 1, 'the page')
  assert.deepEqual(
    paged.fleet.hook.notices.map(({ kind }) => kind),
    ['incident', 'operational'],
  )
})
