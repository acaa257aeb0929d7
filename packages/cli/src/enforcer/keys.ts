/** `picket keys`: each subcommand. A key that cannot be used is the user's to mend, and says how. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  beginRotation,
  finishRotation,
  KeyError,
  makeKeyFile,
  nextKeyPath,
  pinKey,
  publicKeyText,
  readPinnedKeys,
  readSigningKey,
  retireKey,
  type SigningKey,
} from '@picket/runtime/bans'
import { safeText } from '@picket/schemas'
import type { KeysFlags } from '../commands/keys.ts'
import { WrongUse } from '../failures.ts'

export function makeKey(flags: KeysFlags): void {
  attempt(() => {
    mkdirSync(dirname(flags.private), { recursive: true, mode: 0o755 })
    const key = makeKeyFile(flags.private)
    tell(
      flags,
      signing(flags.private, key),
      `key ${key.id} is in ${flags.private}; on every host:\n${pinLine(key)}`,
    )
  })
}

export function showKeys(flags: KeysFlags): void {
  attempt(() => {
    const pinned = [...readPinnedKeys(flags.folder).values()].map(({ id, state, publicKey }) => ({
      id,
      state,
      public: publicKeyText(publicKey),
    }))
    const signs = existsSync(flags.private) ? signing(flags.private, readSigningKey(flags.private)) : null
    const lines = pinned.map((key) => `${key.id}  ${key.state.padEnd(7)}  ${key.public}`)
    if (signs !== null) lines.push(`${signs.id}  signs    ${signs.public}`)
    const nothing = `no key is pinned in ${flags.folder}: every ban is refused`
    tell(flags, { folder: flags.folder, pinned, signs }, lines.length === 0 ? nothing : lines.join('\n'))
  })
}

export function rotateKey(flags: KeysFlags): void {
  attempt(() => (flags.finish === true ? finish(flags) : begin(flags)))
}

export function pinGiven(given: string, flags: KeysFlags): void {
  attempt(() => {
    mkdirSync(flags.folder, { recursive: true, mode: 0o755 })
    const isFile = existsSync(given)
    const { id, path } = pinKey(
      flags.folder,
      isFile ? readFileSync(given, 'utf8') : given,
      isFile ? given : 'the key',
    )
    tell(
      flags,
      { id, path },
      `key ${id} is pinned: its bans are obeyed from the enforcer's next start or SIGHUP on`,
    )
  })
}

export function retireGiven(id: string, flags: KeysFlags): void {
  attempt(() => {
    const path = retireKey(flags.folder, id)
    tell(
      flags,
      { id, path },
      `key ${id} is retired: from the enforcer's next start or SIGHUP on its bans are lifted`,
    )
  })
}

function begin(flags: KeysFlags): void {
  const key = beginRotation(flags.private)
  const next = nextKeyPath(flags.private)
  const steps = [
    `the next key ${key.id} waits in ${next}. On every host:`,
    pinLine(key),
    'then, when all have it, here: picket keys rotate --finish',
  ]
  tell(flags, signing(next, key), steps.join('\n'))
}

function finish(flags: KeysFlags): void {
  const { old, now } = finishRotation(flags.private)
  const steps = [
    `key ${now.id} signs from the responder's next start on. When the bans of ${old} have ended, on every host:`,
    `  picket keys retire ${old}`,
  ]
  tell(flags, { old, ...signing(flags.private, now) }, steps.join('\n'))
}

function signing(path: string, key: SigningKey): { id: string; path: string; public: string } {
  return { id: key.id, path, public: publicKeyText(key.publicKey) }
}

function pinLine(key: SigningKey): string {
  return `  picket keys pin '${publicKeyText(key.publicKey)}'`
}

function tell(flags: KeysFlags, json: unknown, text: string): void {
  const lines = text.split('\n').map((line) => safeText(line))
  process.stdout.write(flags.json === true ? `${JSON.stringify(json, null, 2)}\n` : `${lines.join('\n')}\n`)
}

function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof KeyError || (error instanceof Error && 'syscall' in error))
      throw new WrongUse(error.message, { cause: error })
    throw error
  }
}
