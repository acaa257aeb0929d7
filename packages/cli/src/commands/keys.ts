/** `picket keys make|show|pin|rotate|retire` and `keys token`: options and help. The work is in ../enforcer and ../remote. */
import type { Command } from 'commander'
import { DEFAULT_TOKENS } from '../config/default-places.ts'

export interface KeysFlags {
  readonly private: string
  readonly folder: string
  readonly finish?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  sudo picket keys make                           on the responder's machine; prints the line to pin
  sudo picket keys pin 'MCowBQYDK2VwAyEA…'        on every host
  picket keys show                                which keys this host obeys
  sudo picket keys rotate                         makes the next key; pin its line on every host, then
  sudo picket keys rotate --finish                sign with it (restart the responder)
  sudo picket keys retire 0123456789abcdef        on every host: nothing that key signed holds any more
  umask 077; sudo picket keys token alice > t     on the responder's machine: alice may ask from elsewhere with t
  sudo picket keys token alice --revoke           from now on she may not`

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('make, pin, rotate and retire the keys that sign bans')
  keys.addHelpText('after', EXAMPLES)
  const add = (name: string, description: string): Command =>
    keys
      .command(name)
      .description(description)
      .option('--private <file>', 'the private key, on the responder’s machine only', '/etc/picket/ban.key')
      .option('--folder <folder>', 'the pinned public keys, on every host', '/etc/picket/keys')
      .option('--json', 'one JSON document')
  add('make', 'make a private key (0600), and print its public line').action(doing('makeKey'))
  add('show', 'list the keys that are pinned here, and the private one if it is here').action(
    doing('showKeys'),
  )
  add('rotate', 'make the next private key; with --finish, sign with it')
    .option('--finish', 'the next key is pinned on every host: use it')
    .action(doing('rotateKey'))
  add('pin', 'obey this key on this host')
    .argument('<key>', 'the line, or a file that holds it')
    .action(doingWith('pinGiven'))
  add('retire', 'obey this key no longer').argument('<id>', 'its id').action(doingWith('retireGiven'))
  addToken(keys)
}

export interface TokenFlags {
  readonly tokens: string
  readonly read?: boolean
  readonly revoke?: boolean
  readonly json?: boolean
}

function addToken(keys: Command): void {
  keys
    .command('token')
    .description('make a token for somebody who asks the responder from another machine; it is shown once')
    .argument('<name>', 'whose it is: stands with what is asked by it')
    .option('--tokens <file>', 'the responder’s file of tokens (responder.remote.tokens)', DEFAULT_TOKENS)
    .option('--read', 'it may look, and change nothing')
    .option('--revoke', 'take back every token of that name; holds at once')
    .option('--json', 'one JSON document')
    .action(async (name: string, _: unknown, self: Command) => {
      const work = await import('../remote/tokens.ts')
      work.runToken(name, self.optsWithGlobals<TokenFlags>())
    })
}

type Plain = 'makeKey' | 'showKeys' | 'rotateKey'
type Given = 'pinGiven' | 'retireGiven'

function doing(what: Plain): (flags: unknown, self: Command) => Promise<void> {
  return async (_, self) => {
    const work = await import('../enforcer/keys.ts')
    work[what](self.optsWithGlobals<KeysFlags>())
  }
}

function doingWith(what: Given): (given: string, flags: unknown, self: Command) => Promise<void> {
  return async (given, _, self) => {
    const work = await import('../enforcer/keys.ts')
    work[what](given, self.optsWithGlobals<KeysFlags>())
  }
}
