/** Breaking the glass: a file in the state folder, whatever the fleet wishes. */
import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, test } from 'node:test'
import { HOLD_FILE } from '../../src/enforcer/settings.ts'
import { Bed, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'

let bed: Bed
afterEach(() => bed.close())

test('while it is held nothing is banned and each ban is refused; then all is as it was wished', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const enforcer = await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  writeFileSync(`${bed.state}/${HOLD_FILE}`, '')
  await bed.untilOutcome('203.0.113.1', 'refused held')
  assert.deepEqual(await kernel.list(), [])
  assert.match(enforcer.healthy().reasons.join(), /held by hand/)
  await bed.ban('203.0.113.2', 600)
  await bed.untilOutcome('203.0.113.2', 'refused held')
  rmSync(`${bed.state}/${HOLD_FILE}`)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.untilOutcome('203.0.113.2', 'applied')
})

test('an enforcer that starts while it is held bans nothing', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  kernel.put('198.51.100.9', 60)
  writeFileSync(`${bed.state}/${HOLD_FILE}`, '')
  await bed.ban('203.0.113.1', 600)
  const enforcer = await bed.start(kernel)
  await until(() => enforcer.healthy().reasons.length > 0, 'the fault')
  assert.deepEqual(await kernel.list(), [])
  rmSync(`${bed.state}/${HOLD_FILE}`)
  await bed.untilOutcome('203.0.113.1', 'applied')
})

test('an enforcer that forgets keeps no file, and tells all again when it starts again', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel, { forgets: true })
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.stop()
  assert.deepEqual(readdirSync(bed.state), [])
  const told = (await bed.receipts()).length
  await bed.start(kernel, { forgets: true })
  await until(async () => (await bed.receipts()).length > told, 'the receipt to come again')
})
