/**
 * Keys of bans: one Ed25519 pair signs for the whole fleet. The private half is a 0600 file on the responder's machine, the public
 * halves are pinned on every host.
 *
 * A retired key stays in the folder, so that its bans are refused by name and not as a stranger's. Rotating has two steps, since a
 * key that signs before every host has pinned it bans nowhere.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The first 16 hex digits of the SHA-256 of the 32 bytes of the public key. */
export type KeyId = string

export interface SigningKey {
  readonly id: KeyId
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface PinnedKey {
  readonly id: KeyId
  readonly publicKey: KeyObject
  /** The 32 bytes of it. */
  readonly raw: Uint8Array
  readonly state: 'pinned' | 'retired'
}

export type PinnedKeys = ReadonlyMap<KeyId, PinnedKey>

export type KeyFault = 'no-file' | 'no-key' | 'not-ed25519' | 'open-to-others' | 'exists'

export class KeyError extends Error {
  override readonly name = 'KeyError'
  readonly reason: KeyFault
  readonly retryable = false

  constructor(reason: KeyFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return signingKeyOf(privateKey)
}

/** Writes a new private key; never over another one. */
export function makeKeyFile(path: string): SigningKey {
  const key = newSigningKey()
  try {
    const pem = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    writeFileSync(path, pem, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    throw new KeyError('exists', `${path} is there already: a key is rotated, never overwritten`, error)
  }
  return key
}

export function readSigningKey(path: string): SigningKey {
  const text = readText(path)
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new KeyError('open-to-others', `${path} can be read by others: chmod 600 it, and rotate the key`)
  }
  try {
    return signingKeyOf(createPrivateKey(text))
  } catch (error) {
    if (error instanceof KeyError) throw error
    throw new KeyError('no-key', `${path} holds no private key`, error)
  }
}

/** Where the next key waits until every host has pinned it. */
export function nextKeyPath(path: string): string {
  return `${path}.next`
}

/** First step: the next key, beside the one that signs. */
export function beginRotation(path: string): SigningKey {
  readSigningKey(path)
  return makeKeyFile(nextKeyPath(path))
}

/** Second step: the next key signs from the responder's next start on; the one before is gone. */
export function finishRotation(path: string): { readonly old: KeyId; readonly now: SigningKey } {
  const old = readSigningKey(path).id
  const now = readSigningKey(nextKeyPath(path))
  renameSync(nextKeyPath(path), path)
  return { old, now }
}

/** One line, as it is pinned in a configuration: the DER bytes in base64. */
export function publicKeyText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64')
}

/** Reads PEM, or the line that `publicKeyText` writes. */
export function readPublicKey(text: string, from: string, state: PinnedKey['state'] = 'pinned'): PinnedKey {
  const publicKey = parsePublic(text.trim(), from)
  if (publicKey.asymmetricKeyType !== 'ed25519')
    throw new KeyError('not-ed25519', `${from} is no Ed25519 key`)
  const raw = rawOf(publicKey)
  return { id: idOf(raw), publicKey, raw, state }
}

const SUFFIXES = { '.pub': 'pinned', '.retired': 'retired' } as const

/** Every public key of the folder. No folder is no key: then every ban is refused. */
export function readPinnedKeys(folder: string): Map<KeyId, PinnedKey> {
  const keys = new Map<KeyId, PinnedKey>()
  for (const name of namesIn(folder)) {
    const suffix = Object.keys(SUFFIXES).find((end) => name.endsWith(end)) as
      | keyof typeof SUFFIXES
      | undefined
    if (suffix === undefined) continue
    const path = join(folder, name)
    addKey(keys, readPublicKey(readText(path), path, SUFFIXES[suffix]))
  }
  return keys
}

/** Retired wins, wherever else the key is still pinned. */
export function addKey(keys: Map<KeyId, PinnedKey>, key: PinnedKey): void {
  if (keys.get(key.id)?.state !== 'retired') keys.set(key.id, key)
}

/** Answers with the path of the pinned key. */
export function pinKey(
  folder: string,
  text: string,
  from: string,
): { readonly id: KeyId; readonly path: string } {
  const { id, publicKey } = readPublicKey(text, from)
  if (readPinnedKeys(folder).get(id)?.state === 'retired')
    throw new KeyError('exists', `${id} was retired: make another key`)
  const path = join(folder, `${id}.pub`)
  writeFileSync(path, publicKey.export({ format: 'pem', type: 'spki' }).toString(), { mode: 0o644 })
  return { id, path }
}

/** From now on nothing that it has signed is valid. */
export function retireKey(folder: string, id: KeyId): string {
  if (!/^[0-9a-f]{16}$/.test(id)) throw new KeyError('no-key', `${id} is no key id: 16 hex digits`)
  const path = join(folder, `${id}.retired`)
  try {
    renameSync(join(folder, `${id}.pub`), path)
  } catch (error) {
    throw new KeyError('no-file', `no key ${id} is pinned in ${folder}`, error)
  }
  return path
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new KeyError('not-ed25519', 'the private key is no Ed25519 key')
  const publicKey = createPublicKey(privateKey)
  return { id: idOf(rawOf(publicKey)), privateKey, publicKey }
}

function parsePublic(text: string, from: string): KeyObject {
  try {
    if (text.startsWith('-----BEGIN PUBLIC KEY')) return createPublicKey(text)
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  } catch (error) {
    throw new KeyError('no-key', `${from} is no public key`, error)
  }
}

/** RFC 8410: the last 32 bytes of the DER form. */
function rawOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}

function idOf(raw: Uint8Array): KeyId {
  return createHash('sha256').update(raw).digest('hex').slice(0, 16)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new KeyError('no-file', `${path} cannot be read`, error)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
