/** Keys on disk: private ones for their owner only, public ones pinned, rotated and retired. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  addKey,
  beginRotation,
  finishRotation,
  KeyError,
  makeKeyFile,
  nextKeyPath,
  pinKey,
  publicKeyText,
  readPinnedKeys,
  readPublicKey,
  readSigningKey,
  retireKey,
} from '../../src/bans/keys.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'picket-keys-'))
after(() => rmSync(FOLDER, { recursive: true }))

function reasonOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof KeyError ? error.reason : String(error)
  }
  return 'none'
}

test('a new private key is for its owner only, and never overwrites one', () => {
  const path = join(FOLDER, 'made.key')
  const { id } = makeKeyFile(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.match(id, /^[0-9a-f]{16}$/)
  assert.equal(readSigningKey(path).id, id)
  assert.equal(
    reasonOf(() => makeKeyFile(path)),
    'exists',
  )
  assert.equal(readSigningKey(path).id, id)
})

test('a private key that others can read is refused', () => {
  const path = join(FOLDER, 'open.key')
  makeKeyFile(path)
  chmodSync(path, 0o640)
  assert.equal(
    reasonOf(() => readSigningKey(path)),
    'open-to-others',
  )
})

test('a key is pinned from its line or its PEM, under its own id', () => {
  const key = makeKeyFile(join(FOLDER, 'pinned.key'))
  const folder = mkdtempSync(join(FOLDER, 'pins-'))
  pinKey(folder, `${publicKeyText(key.publicKey)}\n`, 'a line')
  pinKey(folder, key.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'a file')
  const pinned = readPinnedKeys(folder)
  assert.deepEqual([...pinned.keys()], [key.id])
  assert.equal(pinned.get(key.id)?.state, 'pinned')
})

test('a retired key stays known as such, cannot be pinned again, and wins over a pin elsewhere', () => {
  const key = makeKeyFile(join(FOLDER, 'retired.key'))
  const folder = mkdtempSync(join(FOLDER, 'pins-'))
  const line = publicKeyText(key.publicKey)
  pinKey(folder, line, 'a line')
  retireKey(folder, key.id)
  const keys = readPinnedKeys(folder)
  assert.equal(keys.get(key.id)?.state, 'retired')
  assert.equal(
    reasonOf(() => pinKey(folder, line, 'a line')),
    'exists',
  )
  addKey(keys, readPublicKey(line, 'the configuration'))
  assert.equal(keys.get(key.id)?.state, 'retired')
  assert.equal(
    reasonOf(() => retireKey(folder, '0123456789abcdef')),
    'no-file',
  )
})

test('a rotation keeps the old key until it is finished', () => {
  const path = join(FOLDER, 'rotated.key')
  const old = makeKeyFile(path)
  const next = beginRotation(path)
  assert.notEqual(next.id, old.id)
  assert.equal(readSigningKey(path).id, old.id)
  assert.equal(
    reasonOf(() => beginRotation(path)),
    'exists',
  )
  assert.deepEqual([finishRotation(path).old, readSigningKey(path).id], [old.id, next.id])
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(
    reasonOf(() => readSigningKey(nextKeyPath(path))),
    'no-file',
  )
})

test('text that is no Ed25519 public key is refused', () => {
  assert.equal(
    reasonOf(() => readPublicKey('c29tZXRoaW5n', 'x')),
    'no-key',
  )
  assert.equal(
    reasonOf(() => readPublicKey('', 'x')),
    'no-key',
  )
})

test('no folder is no key', () => {
  assert.equal(readPinnedKeys(join(FOLDER, 'nowhere')).size, 0)
})
