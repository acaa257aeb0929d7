/** In which order a file that comes and goes holds and releases. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { HoldWatch } from '../../src/enforcer/hold-watch.ts'
import { until } from './bed.ts'

test('a release waits for the hold that is under way', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-hold-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hold')
  const done: string[] = []
  let lifted = (): void => undefined
  const bans = {
    hold: async (): Promise<void> => {
      done.push('hold begins')
      await new Promise<void>((resolve) => {
        lifted = resolve
      })
    },
    release: async (): Promise<void> => void done.push('release'),
  }
  const held = (isHeld: boolean): void => void done.push(isHeld ? 'is held' : 'is released')
  const watch = new HoldWatch(file, bans, { held, failed: assert.ifError })
  writeFileSync(file, '')
  watch.look()
  rmSync(file)
  watch.look()
  lifted()
  await until(() => {
    watch.look()
    return done.includes('is released')
  }, 'the release')
  assert.deepEqual(done, ['hold begins', 'is held', 'release', 'is released'])
})
