/** A ban is valid as it was signed, byte for byte, by a key that is pinned. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BanVerifier } from '../../src/bans/ban-verifier.ts'
import {
  newSigningKey,
  type PinnedKeys,
  publicKeyText,
  readPublicKey,
  type SigningKey,
} from '../../src/bans/keys.ts'
import { signBan, type UnsignedBan, verifyBan } from '../../src/bans/sign-ban.ts'

const KEY = newSigningKey()
const BAN: UnsignedBan = {
  subject: '203.0.113.9',
  wishes: [
    { hosts: ['web1'], from: 1_764_000_000_000, until: 1_764_000_600_000, why: 'vertical_scan, level 4' },
  ],
  revision: 1_764_000_000_000_000,
}

function pinned(key: SigningKey, state: 'pinned' | 'retired' = 'pinned'): PinnedKeys {
  return new Map([[key.id, readPublicKey(publicKeyText(key.publicKey), 'test', state)]])
}

test('what was signed is verified, and read as it was written', () => {
  const verified = verifyBan(signBan(BAN, KEY), pinned(KEY))
  assert.ok(verified.ok)
  assert.equal(verified.ban.subject, BAN.subject)
  assert.equal(verified.ban.revision, BAN.revision)
  assert.deepEqual([...(verified.ban.wishes[0]?.hosts ?? [])], ['web1'])
})

test('every single bit counts', () => {
  const bytes = signBan(BAN, KEY)
  for (let at = 0; at < bytes.length * 8; at++) {
    const flipped = bytes.slice()
    flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
    assert.equal(verifyBan(flipped, pinned(KEY)).ok, false, `bit ${at}`)
  }
})

test('no shorter or longer message is valid', () => {
  const bytes = signBan(BAN, KEY)
  for (let length = 0; length < bytes.length; length++)
    assert.equal(verifyBan(bytes.subarray(0, length), pinned(KEY)).ok, false)
  assert.equal(verifyBan(Uint8Array.from([...bytes, 0]), pinned(KEY)).ok, false)
})

test('a stranger’s key, a retired key, and a key under another’s name are told apart', () => {
  const other = newSigningKey()
  const reason = (bytes: Uint8Array, keys: PinnedKeys): string => {
    const verified = verifyBan(bytes, keys)
    return verified.ok ? 'ok' : verified.reason
  }
  assert.equal(reason(signBan(BAN, other), pinned(KEY)), 'unknown-key')
  assert.equal(reason(signBan(BAN, KEY), pinned(KEY, 'retired')), 'retired-key')
  assert.equal(reason(signBan(BAN, { ...other, id: KEY.id }), pinned(KEY)), 'bad-signature')
  assert.equal(reason(new Uint8Array(20), pinned(KEY)), 'not-a-ban')
})

test('an unsigned message is refused', () => {
  const bytes = signBan(BAN, KEY)
  const unsigned = Uint8Array.from([...bytes.subarray(0, bytes.length - 66), 0])
  const verified = verifyBan(unsigned, pinned(KEY))
  assert.equal(verified.ok ? 'ok' : verified.reason, 'bad-signature')
})

test('random bytes are never a ban, and never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !verifyBan(bytes, pinned(KEY)).ok))
})

test('what was verified once costs no second signature, with the same key only', async () => {
  const bytes = signBan(BAN, KEY)
  const first = new BanVerifier(pinned(KEY))
  const verified = await first.verify(bytes)
  assert.ok(verified?.ok === true)
  assert.equal((await first.verify(bytes))?.ok, true)
  assert.equal(first.computed, 1)
  const again = new BanVerifier(pinned(KEY), [verified.digest])
  assert.equal((await again.verify(bytes))?.ok, true)
  assert.equal(again.computed, 0)
  again.useKeys(pinned(KEY, 'retired'))
  assert.equal((await again.verify(bytes))?.ok, false)
  again.useKeys(new Map())
  assert.equal((await again.verify(bytes))?.ok, false)
})

test('no signature is computed of what is passed over', async () => {
  const verifier = new BanVerifier(pinned(KEY))
  assert.equal(
    await verifier.verify(signBan(BAN, KEY), ({ revision }) => revision === BAN.revision),
    undefined,
  )
  assert.equal(verifier.computed, 0)
})

test('a forged message is not remembered as valid', async () => {
  const bytes = signBan(BAN, KEY)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
  const verifier = new BanVerifier(pinned(KEY))
  assert.equal((await verifier.verify(bytes))?.ok, false)
  assert.equal((await verifier.verify(bytes))?.ok, false)
  assert.equal(verifier.computed, 2)
})
