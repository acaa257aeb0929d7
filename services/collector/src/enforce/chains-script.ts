/**
 * psad's way: one rule for each banned source in three chains of the filter table, as text for iptables-restore.
 *
 * Rules know no time-out. The end stands in the rule's comment, as Unix seconds, so the kernel still holds the whole state; with
 * xt_time the rule also stops matching by itself then. Without it only Picket takes the rule away.
 */
import { parsePrefix, printPrefix } from '@picket/schemas'
import type { Subject } from './subject.ts'

/** Every packet walks the chain: 1,000 rules cost some 13 µs a packet. */
export const CHAINS_MOST = 1_000

/** psad's names but for the first word, so that psad beside us does not flush ours. */
export const BLOCK_CHAINS = ['PICKET_BLOCK_INPUT', 'PICKET_BLOCK_OUTPUT', 'PICKET_BLOCK_FORWARD'] as const
type BlockChain = (typeof BLOCK_CHAINS)[number]

/** The chain that jumps to it. */
export const JUMPS_FROM: Readonly<Record<BlockChain, string>> = {
  PICKET_BLOCK_INPUT: 'INPUT',
  PICKET_BLOCK_OUTPUT: 'OUTPUT',
  PICKET_BLOCK_FORWARD: 'FORWARD',
}

const MATCHES: readonly (readonly [BlockChain, '-s' | '-d'])[] = [
  ['PICKET_BLOCK_INPUT', '-s'],
  ['PICKET_BLOCK_OUTPUT', '-d'],
  ['PICKET_BLOCK_FORWARD', '-s'],
  ['PICKET_BLOCK_FORWARD', '-d'],
]

export interface ChainBan {
  readonly subject: Subject
  /** Unix seconds. */
  readonly until: number
}

/** The chains filled anew with these bans of one family, protected ones first: one transaction. */
export function chainsScript(
  bans: readonly ChainBan[],
  never: readonly Subject[],
  knowsTime: boolean,
): string {
  const rules = MATCHES.flatMap(([chain, side]) => [
    ...never.map(({ text }) => `-A ${chain} ${side} ${text} -j RETURN`),
  ])
  const blocks = bans.flatMap(({ subject, until }) => {
    const time = knowsTime ? ` -m time --datestop ${utc(until)}` : ''
    return MATCHES.map(
      ([chain, side]) =>
        `-A ${chain} ${side} ${subject.text}${time} -m comment --comment "picket until ${until}" -j DROP`,
    )
  })
  const heads = BLOCK_CHAINS.flatMap((chain) => [`:${chain} - [0:0]`])
  const flushes = BLOCK_CHAINS.map((chain) => `-F ${chain}`)
  return lines(['*filter', ...heads, ...flushes, ...rules, ...blocks, 'COMMIT'])
}

const RULE = /^-A PICKET_BLOCK_INPUT -s (\S+) .*--comment "picket until (\d{1,12})"/

/** Reads `iptables -S PICKET_BLOCK_INPUT`. */
export function readChain(text: string): { readonly subject: string; readonly until: number }[] {
  return text.split('\n').flatMap((line) => {
    const match = RULE.exec(line)
    const prefix = match === null ? undefined : parsePrefix(match[1] as string)
    return prefix === undefined ? [] : [{ subject: printPrefix(prefix), until: Number(match?.[2]) }]
  })
}

/** `2026-11-25T22:00:00`, computed: a pure folder has no Date. Civil from days: H. Hinnant. */
function utc(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  )
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0)
  return `${year}-${two(month)}-${two(day)}T${two(Math.floor(rest / 3_600))}:${two(Math.floor((rest % 3_600) / 60))}:${two(rest % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function lines(script: readonly string[]): string {
  return script.map((line) => `${line}\n`).join('')
}
