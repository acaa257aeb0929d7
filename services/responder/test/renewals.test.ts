/** Bans of sources that go on after their end, over a queue and a store in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress, partitionOf } from '@picket/schemas'
import { type Ban, MESSAGES } from '@picket/schemas/messages'
import { alertMessage, idOf } from './bed.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'
import { type Fleet, newFleet, PARTITIONS, RESPONSE, until } from './memory-fleet.ts'

const SUBJECT = '203.0.113.9'
const HOME = partitionOf(parseAddress(SUBJECT) ?? new Int32Array(4), PARTITIONS)
const SHORT = { policy: { ...RESPONSE.policy, rules: policyOf([{ ...BAN_RULE, banSeconds: 1 }]).rules } }

/** The detector's view of the incident, as it writes it each second. */
async function see({ store }: Fleet, packets: number): Promise<void> {
  const alert = alertMessage(1)
  const incident = { ...alert.incident, packets, lastSeen: Date.now() }
  const value = MESSAGES.alert.encode({ ...alert, id: idOf(1), revision: 0, rose: [], incident })
  const { epoch } = await store.claim(`packets:${HOME}`)
  await store.note(`packets:${HOME}`, epoch, [{ key: `i${idOf(1)}`, value, ttlSeconds: 60 }])
}

async function wish(fleet: Fleet): Promise<Ban | undefined> {
  return (await fleet.wished()).get(SUBJECT)
}

async function banned(): Promise<{ readonly fleet: Fleet; readonly end: number }> {
  const fleet = newFleet()
  const responder = fleet.start(SHORT)
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  await fleet.alert(1, HOME)
  await until(async () => (await wish(fleet)) !== undefined, 'the ban')
  return { fleet, end: (await wish(fleet))?.wishes[0]?.until ?? 0 }
}

test('a source that goes on after its ban is banned again, for longer, and nobody is told a second time', async () => {
  const { fleet, end } = await banned()
  let packets = 100
  const renewed = async (): Promise<boolean> => {
    if (Date.now() > end) await see(fleet, packets++)
    return ((await wish(fleet))?.wishes[0]?.until ?? 0) > end
  }
  await until(renewed, 'the ban to be renewed')
  const [again] = (await wish(fleet))?.wishes ?? []
  assert.ok(again !== undefined)
  assert.match(again.why, /^went on after its ban; rule ban: level 3, .* \(incident 0+1\)$/)
  assert.ok(again.until - again.from >= 2_000)
  assert.equal(fleet.hook.notices.length, 1)
})
