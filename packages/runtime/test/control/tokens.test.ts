/** Tokens: who is told apart by them, and that a spoilt file lets nobody in by mistake. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { holderOf, newToken, parseTokens, readTokens } from '../../src/index.ts'

test('a token is known by its holder’s line and by no other, and the file does not hold it', () => {
  const [alice, bob] = [newToken('alice', 'act'), newToken('bob', 'read')]
  const text = `# who may ask\n${alice.line}\n\n${bob.line}\n`
  const { entries, faults } = parseTokens(text)
  assert.deepEqual(faults, [])
  assert.deepEqual(
    [holderOf(entries, alice.token)?.name, holderOf(entries, alice.token)?.may],
    ['alice', 'act'],
  )
  assert.deepEqual([holderOf(entries, bob.token)?.name, holderOf(entries, bob.token)?.may], ['bob', 'read'])
  assert.ok(!text.includes(alice.token))
})

test('what is no token is nobody’s: nothing, another type, a hash, a part, a longer one', () => {
  const { token, line } = newToken('alice', 'act')
  const { entries } = parseTokens(line)
  const hash = line.split('sha256:')[1]
  for (const other of [undefined, null, '', 7, {}, [token], hash, token.slice(0, -1), `${token}x`, 'alice'])
    assert.equal(holderOf(entries, other), undefined, String(other))
  assert.equal(holderOf([], token), undefined)
})

test('any line that is not exactly of the form lets nobody in, and the lines around it hold on', () => {
  const { token, line } = newToken('alice', 'act')
  const printable = fc.string({ maxLength: 120 }).filter((text) => !/[\n\r]/.test(text))
  fc.assert(
    fc.property(printable, (nonsense) => {
      const { entries, faults } = parseTokens(`${nonsense}\n${line}\n${nonsense}`)
      assert.equal(holderOf(entries, token)?.name, 'alice')
      assert.equal(entries.length, 1)
      const isSilent = nonsense.trim() === '' || nonsense.trim().startsWith('#')
      assert.equal(faults.length, isSilent ? 0 : 2)
    }),
  )
  for (const bad of [
    `__proto__ root sha256:${'0'.repeat(64)}`,
    'alice act sha256:00',
    `a/b act sha256:${'0'.repeat(64)}`,
  ])
    assert.deepEqual(parseTokens(bad).entries, [])
})

test('a file that others may write, or that is not there, is refused', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'picket-tokens-')), 'tokens')
  assert.throws(() => readTokens(file), /no such file/)
  writeFileSync(file, newToken('alice', 'act').line)
  chmodSync(file, 0o620)
  assert.throws(() => readTokens(file), /written by others than its owner: chmod 600/)
  chmodSync(file, 0o640)
  assert.equal(readTokens(file).entries.length, 1)
})
