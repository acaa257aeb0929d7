/**
 * What is fed to `ipset -exist restore` and `iptables-restore --noflush`, and reading `ipset save` back.
 *
 * ipset is no transaction: lines before a bad one stay done. Rules stand in the raw table, before conntrack, as with nftables.
 */
import { parsePrefix, printPrefix } from '@picket/schemas'
import type { KernelElement, Transaction } from './kernel-bans.ts'
import type { Subject } from './subject.ts'

/** ipset's own default of maxelem, which every version knows. */
export const IPSET_MOST = 65_536
export const IPSET_CHAIN = 'PICKET'

export const IPSET_BLOCK_SETS = ['picket4', 'picket6', 'picketnet4', 'picketnet6'] as const

const SETS: readonly string[] = [
  `picket4 hash:ip family inet timeout 0 maxelem ${IPSET_MOST}`,
  `picket6 hash:ip family inet6 timeout 0 maxelem ${IPSET_MOST}`,
  `picketnet4 hash:net family inet timeout 0 maxelem ${IPSET_MOST}`,
  `picketnet6 hash:net family inet6 timeout 0 maxelem ${IPSET_MOST}`,
  'picketnever4 hash:net family inet',
  'picketnever6 hash:net family inet6',
]

export function ipsetPrepareScript(never: readonly Subject[]): string {
  return lines([
    ...SETS.map((set) => `create ${set}`),
    'flush picketnever4',
    'flush picketnever6',
    ...never.map(({ family, text }) => `add picketnever${family} ${text}`),
  ])
}

export function ipsetApplyScript({ set, lift }: Transaction): string {
  return lines([
    ...lift.map((subject) => `del ${setOf(subject)} ${subject.text}`),
    ...set.map(({ subject, seconds }) => `add ${setOf(subject)} ${subject.text} timeout ${seconds}`),
  ])
}

/** For iptables-restore (4) or ip6tables-restore (6): the chain, filled anew. */
export function ipsetRulesScript(family: 4 | 6): string {
  const match = (set: string): string => `-A ${IPSET_CHAIN} -m set --match-set ${set}${family} src`
  return lines([
    '*raw',
    `:${IPSET_CHAIN} - [0:0]`,
    `-F ${IPSET_CHAIN}`,
    `${match('picketnever')} -j RETURN`,
    `${match('picket')} -j DROP`,
    `${match('picketnet')} -j DROP`,
    'COMMIT',
  ])
}

export function ipsetDestroyScript(): string {
  return lines(SETS.map((set) => `destroy ${set.split(' ')[0]}`))
}

/** `add picket4 203.0.113.9 timeout 57`, of our block sets. */
export function readIpsetSave(text: string): KernelElement[] {
  return text.split('\n').flatMap((line) => {
    const [verb, set, subject = '', word, seconds] = line.split(' ')
    if (verb !== 'add' || !IPSET_BLOCK_SETS.some((name) => name === set)) return []
    const prefix = parsePrefix(subject)
    if (prefix === undefined) return []
    // 0 is "for ever" to ipset.
    const left = word === 'timeout' ? Number(seconds) || Number.POSITIVE_INFINITY : Number.POSITIVE_INFINITY
    return [{ subject: printPrefix(prefix), seconds: left }]
  })
}

function setOf({ family, isHost }: Subject): string {
  return `picket${isHost ? '' : 'net'}${family}`
}

function lines(script: readonly string[]): string {
  return script.map((line) => `${line}\n`).join('')
}
