/** A hold that the firewall refuses: broken glass must not depend on one try. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { HOLD_FILE } from '../../src/enforcer/settings.ts'
import { Bed, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'

async function bedOf(t: { after(close: () => Promise<void>): void }, kernel: KeptKernel): Promise<Bed> {
  const bed = new Bed()
  t.after(() => bed.close())
  await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  return bed
}

test('a hold that the firewall refuses is tried again until it is done', async (t) => {
  const kernel = new KeptKernel()
  const bed = await bedOf(t, kernel)
  kernel.failure = 'ipset: the set is in use'
  writeFileSync(`${bed.state}/${HOLD_FILE}`, '')
  await until(() => kernel.liftsTried > 0, 'the hold to fail')
  kernel.failure = undefined
  await bed.untilOutcome('203.0.113.1', 'refused held')
  assert.deepEqual(await kernel.list(), [])
})

test('a hold that failed can be released', async (t) => {
  const kernel = new KeptKernel()
  const bed = await bedOf(t, kernel)
  kernel.failure = 'ipset: the set is in use'
  writeFileSync(`${bed.state}/${HOLD_FILE}`, '')
  await until(() => kernel.liftsTried > 0, 'the hold to fail')
  rmSync(`${bed.state}/${HOLD_FILE}`)
  kernel.failure = undefined
  await bed.ban('203.0.113.2', 600)
  await bed.untilOutcome('203.0.113.2', 'applied')
})
