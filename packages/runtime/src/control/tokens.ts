/**
 * Tokens: who may ask from elsewhere. The file holds a name, a right and a hash a line; the token itself is known to its holder only.
 *
 * A token is 256 bits of randomness, so a plain hash of it cannot be turned back: a slow one would only help whoever wants to keep
 * this process busy. A line that cannot be read lets nobody in, and does not keep the others from being obeyed: taking a name out
 * must work whatever else the file holds.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

export const TOKEN_RIGHTS = ['act', 'read'] as const
export type TokenRight = (typeof TOKEN_RIGHTS)[number]

export interface TokenEntry {
  readonly name: string
  readonly may: TokenRight
  /** SHA-256 of the token. */
  readonly hash: Uint8Array
}

export interface TokensRead {
  readonly entries: readonly TokenEntry[]
  /** Each with its line. */
  readonly faults: readonly string[]
}

export const TOKEN_NAME: RegExp = /^[\w.@-]{1,64}$/
const LINE = /^(\S+)\s+(\S+)\s+sha256:([0-9a-f]{64})$/
const MAX_BYTES = 1_048_576

export function newToken(name: string, may: TokenRight): { readonly token: string; readonly line: string } {
  const token = `picket_${randomBytes(32).toString('base64url')}`
  return { token, line: `${name} ${may} sha256:${hashOf(token).toString('hex')}` }
}

export function parseTokens(text: string): TokensRead {
  const entries: TokenEntry[] = []
  const faults: string[] = []
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const entry = parseLine(line)
    if (entry === undefined) faults.push(`line ${at + 1} is no "NAME act|read sha256:HASH"`)
    else entries.push(entry)
  }
  return { entries, faults }
}

function parseLine(line: string): TokenEntry | undefined {
  const [, name = '', may = '', hash = ''] = LINE.exec(line) ?? []
  if (!TOKEN_NAME.test(name) || !isRight(may)) return undefined
  return { name, may, hash: new Uint8Array(Buffer.from(hash, 'hex')) }
}

function isRight(text: string): text is TokenRight {
  return (TOKEN_RIGHTS as readonly string[]).includes(text)
}

/** Throws where the file is missing, or where others than its owner may change it. */
export function readTokens(path: string): TokensRead {
  const { mode, size, uid } = statSync(path)
  if ((mode & 0o022) !== 0) throw new Error(`${path} can be written by others than its owner: chmod 600 it`)
  if (uid !== 0 && uid !== process.getuid?.())
    throw new Error(`${path} is another user's: it must be root's or ours`)
  if (size > MAX_BYTES) throw new Error(`${path} is too large`)
  return parseTokens(readFileSync(path, 'utf8'))
}

/** Compares with every entry to the end, so that the time it takes says nothing. */
export function holderOf(entries: readonly TokenEntry[], token: unknown): TokenEntry | undefined {
  const hash = hashOf(typeof token === 'string' ? token : '')
  let holder: TokenEntry | undefined
  for (const entry of entries) if (timingSafeEqual(entry.hash, new Uint8Array(hash))) holder ??= entry
  return typeof token === 'string' ? holder : undefined
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
