/** `picket keys`: from a new key to a retired one. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { picket } from './picket.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'picket-keys-'))
after(() => rmSync(FOLDER, { recursive: true }))
const PLACES = ['--private', join(FOLDER, 'ban.key'), '--folder', join(FOLDER, 'keys'), '--json']

interface Shown {
  readonly id: string
  readonly public: string
  readonly pinned: readonly { readonly id: string; readonly state: string }[]
  readonly signs: { readonly id: string; readonly public: string } | null
}

async function keys(...args: readonly string[]): Promise<Shown> {
  const { status, stdout, stderr } = await picket(['keys', ...args, ...PLACES])
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as Shown
}

test('a key is made, pinned, rotated and retired', async () => {
  const made = await keys('make')
  assert.equal(statSync(join(FOLDER, 'ban.key')).mode & 0o777, 0o600)
  await keys('pin', made.public)
  const next = await keys('rotate')
  assert.equal((await keys('show')).signs?.id, made.id)
  const file = join(FOLDER, 'next.pub')
  writeFileSync(file, `${next.public}\n`)
  await keys('pin', file)
  await keys('rotate', '--finish')
  await keys('retire', made.id)
  const { pinned, signs } = await keys('show')
  assert.equal(signs?.id, next.id)
  assert.deepEqual(
    pinned.map(({ id, state }) => [id, state]).sort(),
    [
      [made.id, 'retired'],
      [next.id, 'pinned'],
    ].sort(),
  )
})

test('what cannot be done is wrong use, says why, and never shows the private key', async () => {
  const secret = readFileSync(join(FOLDER, 'ban.key'), 'utf8').split('\n')[1] ?? ''
  for (const args of [
    ['make'],
    ['pin', 'nonsense'],
    ['retire', '0123456789abcdef'],
    ['retire', '../../etc'],
    ['rotate', '--finish'],
  ]) {
    const { status, stdout, stderr } = await picket(['keys', ...args, ...PLACES])
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, /^picket: /)
    assert.ok(!`${stdout}${stderr}`.includes(secret))
  }
})
