/**
 * `picket keys token`: makes a token and notes its hash in the responder's file, or takes all tokens of a name back.
 *
 * The token itself goes to standard output and nowhere else. The file is replaced as a whole, so a responder that reads it meanwhile
 * sees the old one or the new one.
 */
import { chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { newToken, parseTokens, TOKEN_NAME } from '@picket/runtime'
import type { TokenFlags } from '../commands/keys.ts'
import { codeOf, WrongUse } from '../failures.ts'
import { whyUnreadable } from '../text-file.ts'

export function runToken(name: string, flags: TokenFlags): void {
  if (!TOKEN_NAME.test(name))
    throw new WrongUse(`${name} is no name for a token: up to 64 letters, digits and . _ - @`)
  if (flags.revoke === true) revoke(name, flags)
  else make(name, flags)
}

function make(name: string, flags: TokenFlags): void {
  const { token, line } = newToken(name, flags.read === true ? 'read' : 'act')
  const before = textOf(flags.tokens)
  replace(flags.tokens, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`)
  if (flags.json === true) {
    print(`${JSON.stringify({ name, may: line.split(' ')[1], token }, null, 2)}\n`)
    return
  }
  say(
    `The token of ${name}, shown this once. ${name} keeps it in a file of mode 0600 and names that with --token-file:`,
  )
  print(`${token}\n`)
}

function revoke(name: string, flags: TokenFlags): void {
  const lines = textOf(flags.tokens).split('\n')
  const kept = lines.filter((line) => parseTokens(line).entries[0]?.name !== name)
  const taken = lines.length - kept.length
  if (taken === 0) throw new WrongUse(`${flags.tokens} holds no token of ${name}`)
  replace(flags.tokens, kept.join('\n'))
  if (flags.json === true) print(`${JSON.stringify({ name, revoked: taken }, null, 2)}\n`)
  else print(`${taken} of ${name} taken back\n`)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw new WrongUse(`${path}: ${whyUnreadable(error)}`, { cause: error })
  }
}

/** For whom it was readable before, as the responder's user, it stays so. */
function replace(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    const next = `${path}.new`
    const before = statSync(path, { throwIfNoEntry: false })
    writeFileSync(next, text, { mode: before === undefined ? 0o600 : before.mode & 0o755 })
    if (before !== undefined) chownSync(next, before.uid, before.gid)
    renameSync(next, path)
  } catch (error) {
    throw new WrongUse(`${path}: ${whyUnreadable(error)}`, { cause: error })
  }
}

function print(text: string): void {
  process.stdout.write(text)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
