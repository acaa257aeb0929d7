/** Why the sources of a cell are one scan: sentences with the numbers of the judgement. */
import type { Cell } from './cell.ts'
import { isHostTarget, printGroup, printTarget } from './keys.ts'
import type { Finding, Story } from './story.ts'

export function reasonsOf({ cell, finding, level }: Story): string[] {
  const things = isHostTarget(cell.target) ? 'port' : 'host'
  return [
    `${counted(cell.sources, 'source')} of ${printGroup(cell.group)} touched ${printTarget(cell.target)}, ${each(cell)} each`,
    `they share the work: ${counted(finding.contacts, 'contact')} on ${finding.distinct} different ${things}s when this was found, mean overlap of two sources ${finding.overlap.toFixed(2)}${coverage(finding)}`,
    `chance would bring ${finding.expected.toFixed(2)} of them together here: ${finding.sources} happen with a probability of ${power(finding.lnChance)}`,
    `level ${level} by ${counted(cell.contacts.length, 'contact')} on ${counted(cell.hosts, 'host')}`,
    'packets are contacts here: repeats are counted with the single sources',
  ]
}

function each(cell: Cell): string {
  const counts = cell.bySource().map(({ size }) => size)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return least === most ? counted(most, 'contact') : `${least} to ${most} contacts`
}

function coverage({ distinct, fleet }: Finding): string {
  return fleet === 0
    ? ''
    : `, ${Math.floor((distinct * 100) / fleet)} % of the ${counted(fleet, 'host')} seen`
}

function power(ln: number): string {
  return Number.isFinite(ln) ? `1e${Math.ceil(ln / Math.LN10)}` : '0'
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
