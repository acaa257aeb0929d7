/** A new configuration of a running responder, over a queue and a store in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Responder, ResponseSettings } from '../src/main.ts'
import { BAN_RULE, policyOf } from './decide/deciding.ts'
import { bansOf, Hook, newFleet, RESPONSE, until } from './memory-fleet.ts'

class Named extends Hook {
  override readonly name: string
  isClosed = false

  constructor(name: string) {
    super()
    this.name = name
  }

  override async close(): Promise<void> {
    this.isClosed = true
  }
}

async function use(responder: Responder, settings: Partial<ResponseSettings>, channels: readonly Named[]) {
  assert.ok(responder.response !== undefined)
  await responder.response.use({ settings: { ...RESPONSE, ...settings }, channels, enricher: undefined })
}

test('rules and channels are others from then on; a channel that stays goes on undisturbed', async () => {
  const [kept, gone, added] = [new Named('kept'), new Named('gone'), new Named('added')]
  const fleet = newFleet(kept, gone)
  const responder = fleet.start()
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  await fleet.alert(1)
  await until(() => kept.notices.length === 1 && gone.notices.length === 1, 'both to be told')
  await use(responder, { policy: policyOf([{ ...BAN_RULE, tell: ['added', 'kept'], banSeconds: 0 }]) }, [
    kept,
    added,
  ])
  assert.deepEqual([kept.isClosed, gone.isClosed], [false, true])
  await fleet.alert(2)
  await until(() => kept.notices.length === 2 && added.notices.length === 1, 'the new ones to be told')
  const [notice] = added.notices
  assert.ok(notice !== undefined && 'decision' in notice)
  assert.equal(notice.decision.outcome, 'none')
  assert.equal(gone.notices.length, 1)
})

test('a channel with other settings takes over what waits for it, after the old one has ended', async () => {
  const old = new Named('hook')
  let attempts = 0
  old.send = async () => {
    attempts++
    return { ok: false, reason: 'unreachable', retryable: true, why: 'nobody there' }
  }
  const fleet = newFleet(old)
  const responder = fleet.start()
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.alert(1)
  await until(() => attempts > 0, 'it to fail')
  const mended = new Named('hook')
  await use(responder, {}, [mended])
  await until(() => mended.notices.length === 1, 'what waited')
  assert.ok(old.isClosed)
})

test('an allowlist of the configuration lifts what it covers', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.enable(responder)
  const request = { id: 'x', subject: '198.51.100.1', seconds: 600, hosts: [], why: '', by: 'hand' } as const
  await bansOf(responder).place(request)
  const entry = { network: '198.51.100.0/24', until: null, comment: '', from: 'configuration' } as const
  await use(responder, { allow: [entry] }, [])
  await until(async () => (await fleet.wished()).get('198.51.100.1')?.wishes.length === 0, 'it to be lifted')
})
