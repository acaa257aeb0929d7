/** Holding and releasing while a round runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics, makeLogger } from '@picket/runtime'
import type { Failures, Transaction } from '../../src/enforce/kernel-bans.ts'
import { BansEvents } from '../../src/enforcer/bans-events.ts'
import { HostBans } from '../../src/enforcer/host-bans.ts'
import { TestFacts, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'

/** A kernel whose changes wait until they are let go on. */
class SlowKernel extends KeptKernel {
  goOn: (() => void) | undefined

  override async apply(transaction: Transaction): Promise<Failures> {
    await new Promise<void>((resolve) => {
      this.goOn = resolve
    })
    return super.apply(transaction)
  }
}

test('bans that are held and released within one round stay', async (t) => {
  const kernel = new SlowKernel()
  const log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
  const bans = new HostBans({
    ...{ kernel, facts: new TestFacts(), allow: [], now: Date.now, told: () => undefined },
    caps: { total: 100, widestV4: 24, widestV6: 64 },
    events: new BansEvents(log, new Metrics()),
  })
  t.after(() => bans.stop())
  await bans.start(true)
  const now = Date.now()
  const spans = [{ from: now, until: now + 600_000, why: 'test' }]
  bans.set([{ subject: '203.0.113.1', revision: 1, spans, admittedAt: now }])
  await until(() => kernel.goOn !== undefined, 'the round to begin')
  const both = [bans.hold(), bans.release()]
  kernel.goOn?.()
  await Promise.all(both)
  assert.deepEqual(
    (await kernel.list()).map(({ subject }) => subject),
    ['203.0.113.1'],
  )
})
