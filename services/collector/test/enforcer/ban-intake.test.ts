/** A key that is retired while its messages are being verified: they are refused, as if they had come a moment later. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BanVerifier,
  type LedgerContent,
  type LedgerEntry,
  newSigningKey,
  signAllowlist,
  signBan,
} from '@picket/runtime/bans'
import { BanIntake } from '../../src/enforcer/ban-intake.ts'
import { pinned } from './bed.ts'

const NOW = Date.UTC(2026, 10, 26)
const KEY = newSigningKey()
const WISH = { hosts: [], from: NOW, until: NOW + 600_000, why: 'noise' }
const BAN = { bytes: signBan({ subject: '203.0.113.9', wishes: [WISH], revision: 7 }, KEY), time: NOW }
const ENTRY = { network: '203.0.113.0/24', until: 0, comment: '', from: 'command', by: '' }
const LIST = { bytes: signAllowlist({ entries: [ENTRY], revision: 7 }, KEY), time: NOW }

class KeptLedger {
  readonly entries = new Map<string, LedgerEntry>()
  /** Called when a list has been taken. */
  listTaken: () => void = () => undefined
  #allowlist: LedgerEntry | undefined

  get allowlist(): LedgerEntry | undefined {
    return this.#allowlist
  }

  set allowlist(entry: LedgerEntry | undefined) {
    this.#allowlist = entry
    if (entry !== undefined) this.listTaken()
  }
}

function intakeOf() {
  const verifier = new BanVerifier(pinned([KEY, 'pinned']))
  const ledger = new KeptLedger()
  const intake = new BanIntake({ verifier, here: { reporter: 'web1', site: '' }, perMinute: 10, ledger })
  /** What the enforcer does at a reload. */
  const use = (keys: ReturnType<typeof pinned>): void => {
    verifier.useKeys(keys)
    intake.dropUnpinned()
    intake.dropAllow()
  }
  return { intake, ledger, use }
}

const GONE = [
  ['retired-key', pinned([KEY, 'retired'])],
  ['unknown-key', pinned()],
] as const

for (const [reason, keys] of GONE) {
  test(`a ban and a list whose key is gone while they are verified are refused: ${reason}`, async () => {
    for (const message of [BAN, LIST]) {
      const { intake, ledger, use } = intakeOf()
      const taking = intake.take([message])
      use(keys)
      const { wishes, refused, allow } = await taking
      assert.deepEqual([wishes, allow], [[], undefined])
      assert.deepEqual(
        refused.map((message) => message.reason),
        [reason],
      )
      assert.deepEqual([ledger.entries.size, ledger.allowlist], [0, undefined])
    }
  })
}

test('a list that was taken is not obeyed if its key is retired while the bans behind it are verified', async () => {
  const { intake, ledger, use } = intakeOf()
  ledger.listTaken = () => queueMicrotask(() => use(pinned([KEY, 'retired'])))
  const { wishes, allow } = await intake.take([LIST, BAN])
  assert.deepEqual([wishes, allow, ledger.allowlist], [[], undefined, undefined])
})

test('what a host remembers is left out if its key is retired while it is verified', async () => {
  const entryOf = ({ bytes, time }: typeof BAN): LedgerEntry => ({
    ...{ bytes, digest: '', appendedAt: time, admittedAt: time },
  })
  const entries = new Map([['203.0.113.9', entryOf(BAN)]])
  const content: LedgerContent = { entries, allowlist: entryOf(LIST), told: new Map() }
  const { intake, ledger, use } = intakeOf()
  ledger.listTaken = () => queueMicrotask(() => use(pinned([KEY, 'retired'])))
  assert.deepEqual(await intake.recall(content), { wishes: [], refused: [], allow: undefined })
})
