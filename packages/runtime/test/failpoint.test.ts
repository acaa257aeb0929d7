import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const MODULE = new URL('../src/failpoint.js', import.meta.url).href
const PROGRAM = `
import { failpoint } from ${JSON.stringify(MODULE)}
for (const name of ['a', 'b', 'a', 'b', 'a']) { failpoint(name); process.stdout.write(name) }`

function run(setting: string | undefined): { signal: string | null; out: string; status: number | null } {
  const { PICKET_FAILPOINT: _, ...env } = process.env
  const { signal, stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: setting === undefined ? env : { ...env, PICKET_FAILPOINT: setting },
    encoding: 'utf8',
  })
  return { signal, out: stdout, status }
}

test('without the variable every failpoint is passed', () => {
  assert.deepEqual(run(undefined), { signal: null, out: 'ababa', status: 0 })
})

test('a failpoint kills the process at its first pass, without a word', () => {
  assert.deepEqual(run('b'), { signal: 'SIGKILL', out: 'a', status: null })
})

test('with a number it kills at that pass of that name only', () => {
  assert.deepEqual(run('a:3'), { signal: 'SIGKILL', out: 'abab', status: null })
})

test('a setting that is no number of passes is refused at start', () => {
  assert.equal(run('a:x').status, 1)
})
