/**
 * What is fed to `nft -f -`: one text, one transaction.
 *
 * The chain stands before conntrack (priority -310): it cuts established sessions and covers forwarded traffic. A set element that is
 * added again keeps its old time-out on kernels before 6.12, hence add, delete, add; `delete` alone would fail where it is absent.
 */
import type { Transaction } from './kernel-bans.ts'
import type { Subject } from './subject.ts'

export const NFT_TABLE = 'inet picket'
export const NFT_CHAIN = 'prerouting'
/** What a hash set bears. */
export const NFT_MOST = 65_536

export const NFT_BLOCK_SETS = ['block4', 'block6', 'blocknet4', 'blocknet6'] as const
export type NftBlockSet = (typeof NFT_BLOCK_SETS)[number]

const SETS: readonly string[] = [
  `block4 { type ipv4_addr; flags timeout; size ${NFT_MOST}; }`,
  `block6 { type ipv6_addr; flags timeout; size ${NFT_MOST}; }`,
  'blocknet4 { type ipv4_addr; flags interval, timeout; }',
  'blocknet6 { type ipv6_addr; flags interval, timeout; }',
  'neverban4 { type ipv4_addr; flags interval; }',
  'neverban6 { type ipv6_addr; flags interval; }',
]

const RULES: readonly string[] = [
  'ip saddr @neverban4 accept',
  'ip6 saddr @neverban6 accept',
  'ip saddr @block4 counter drop',
  'ip6 saddr @block6 counter drop',
  'ip saddr @blocknet4 counter drop',
  'ip6 saddr @blocknet6 counter drop',
]

export const NFT_RULES: number = RULES.length

/** Makes what is missing and sets the rules and the never-ban list anew; what is blocked stays. */
export function nftPrepareScript(never: readonly Subject[]): string {
  return lines([
    `add table ${NFT_TABLE}`,
    ...SETS.map((set) => `add set ${NFT_TABLE} ${set}`),
    `add chain ${NFT_TABLE} ${NFT_CHAIN} { type filter hook prerouting priority -310; policy accept; }`,
    `flush chain ${NFT_TABLE} ${NFT_CHAIN}`,
    ...RULES.map((rule) => `add rule ${NFT_TABLE} ${NFT_CHAIN} ${rule}`),
    `flush set ${NFT_TABLE} neverban4`,
    `flush set ${NFT_TABLE} neverban6`,
    ...elements('add', 'neverban4', textsOf(never, 4)),
    ...elements('add', 'neverban6', textsOf(never, 6)),
  ])
}

export function nftApplyScript({ set, lift }: Transaction): string {
  const script: string[] = []
  for (const name of NFT_BLOCK_SETS) {
    const lifted = lift.filter((subject) => setOf(subject) === name).map(({ text }) => text)
    const timed = set.filter(({ subject }) => setOf(subject) === name)
    const plain = timed.filter(({ isNew }) => isNew !== true).map(({ subject }) => subject.text)
    script.push(
      ...elements('add', name, lifted),
      ...elements('delete', name, lifted),
      ...elements('add', name, plain),
      ...elements('delete', name, plain),
      ...elements(
        'add',
        name,
        timed.map(({ subject, seconds }) => `${subject.text} timeout ${seconds}s`),
      ),
    )
  }
  return lines(script)
}

/** No fault where there is none. */
export function nftLiftAllScript(): string {
  return lines([`add table ${NFT_TABLE}`, `delete table ${NFT_TABLE}`])
}

function setOf({ family, isHost }: Subject): NftBlockSet {
  if (family === 4) return isHost ? 'block4' : 'blocknet4'
  return isHost ? 'block6' : 'blocknet6'
}

function textsOf(subjects: readonly Subject[], family: 4 | 6): string[] {
  return subjects.filter((subject) => subject.family === family).map(({ text }) => text)
}

function elements(verb: 'add' | 'delete', set: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`${verb} element ${NFT_TABLE} ${set} { ${texts.join(', ')} }`]
}

function lines(script: readonly string[]): string {
  return script.map((line) => `${line}\n`).join('')
}
