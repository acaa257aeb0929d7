import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reloads } from '../../src/run/reloads.ts'
import type { RunSettings } from '../../src/run/settings.ts'

test('the end waits for the reload under way and refuses those after it', async () => {
  const said: string[] = []
  let finish: () => void = () => undefined
  const run = {
    events: {
      reloaded: () => said.push('reloaded'),
      reloadRefused: ({ message }: Error) => said.push(message),
    },
    reload: () => new Promise<void>((resolve) => (finish = resolve)),
  }
  const reloads = new Reloads(run, { reload: async () => ({}) as RunSettings })
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  reloads.ask()
  await turn()
  reloads.ask()
  const end = reloads.end().then(() => said.push('ended'))
  await turn()
  assert.deepEqual(said, [])
  finish()
  await end
  reloads.ask()
  await turn()
  assert.deepEqual(said, ['reloaded', 'this guard is ending', 'ended', 'this guard is ending'])
})
