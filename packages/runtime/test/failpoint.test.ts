import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const MODULE = new URL('../src/failpoint.js', import.meta.url).href
const PROGRAM = `
import { failpoint, faultpoint } from ${JSON.stringify(MODULE)}
for (const [at, name] of ['a', 'b', 'a', 'b', 'a'].entries()) {
  failpoint(name)
  try { faultpoint(name, at) } catch { process.stdout.write('!') }
  process.stdout.write(name)
}`

function run(
  setting: string | undefined,
  more: Record<string, string> = {},
): { signal: string | null; out: string; status: number | null } {
  const { PICKET_FAILPOINT: _, ...env } = process.env
  const { signal, stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: setting === undefined ? { ...env, ...more } : { ...env, ...more, PICKET_FAILPOINT: setting },
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

test('what is faulty fails at its place each time, and nowhere else', () => {
  assert.deepEqual(run(undefined, { PICKET_FAULT: 'a:2' }), { signal: null, out: 'ab!aba', status: 0 })
})

test('a process that is stopped at a place goes on there when it is let', async () => {
  const { PICKET_FAULT: _, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: { ...env, PICKET_FAILPOINT: 'a:2:stop' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const waking = setInterval(() => {
    if (readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[2] === 'T') child.kill('SIGCONT')
  }, 20)
  const [code] = await once(child, 'close').finally(() => clearInterval(waking))
  assert.deepEqual([code, out], [0, 'ababa'])
})
