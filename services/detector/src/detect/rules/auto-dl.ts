/**
 * psad's auto_dl file, as it is: `<address | network | host name> <level> [<protocol>[/<ports>], …];`.
 *
 * A bad line is a fault with its number, never silence; the other lines count. Host names come back apart,
 * since a pure folder cannot resolve them. What stands behind `;` is comment, as everywhere in psad's files.
 */
import { type DangerLevel, parsePrefix } from '@picket/schemas'
import type { Assignment } from './assignments.ts'
import { type Criterion, parseCriterion, splitList } from './criterion.ts'
import { notANetwork } from './networks.ts'

export interface AutoDlFault {
  readonly line: number
  readonly reason: string
}

/** An assignment that waits for the addresses of its host. */
export interface HostAssignment extends Omit<Assignment, 'network'> {
  readonly host: string
  readonly line: number
}

export interface AutoDl {
  readonly entries: readonly Assignment[]
  readonly hostNames: readonly HostAssignment[]
  readonly faults: readonly AutoDlFault[]
}

/** `file` names the file in the reasons of what it assigns. */
export function parseAutoDl(text: string, file: string): AutoDl {
  const entries: Assignment[] = []
  const hostNames: HostAssignment[] = []
  const faults: AutoDlFault[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const statement = line.replace(/[#;].*$/, '').trim()
    if (statement === '') continue
    const entry = readStatement(statement, i + 1, file)
    if ('reason' in entry) faults.push(entry)
    else if ('host' in entry) hostNames.push(entry)
    else entries.push(entry)
  }
  return { entries, hostNames, faults }
}

/** Labels of letters, digits and hyphens whose last is no number, so that 10.0.0.300 is no host (RFC 3696 2). */
const HOST_NAME =
  /^(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/i

function readStatement(
  statement: string,
  line: number,
  file: string,
): Assignment | HostAssignment | AutoDlFault {
  const [subject = '', levelText = '', ...rest] = statement.split(/\s+/)
  const level = parseLevel(levelText)
  if (level === undefined) return { line, reason: `"${levelText}" is no danger level; write 0 to 5` }
  const criteria = parseCriteria(rest.join(' '))
  if (typeof criteria === 'string') return { line, reason: criteria }
  const common = { level, criteria, origin: `${file}:${line}` }
  const network = parsePrefix(subject)
  if (network !== undefined) return { network, ...common }
  if (HOST_NAME.test(subject)) return { host: subject.toLowerCase(), line, ...common }
  return { line, reason: notANetwork(subject) }
}

export function parseLevel(text: string): DangerLevel | undefined {
  return /^[0-5]$/.test(text) ? (Number(text) as DangerLevel) : undefined
}

/** Reads `tcp/1-1024, udp`, or says what is wrong with it. */
export function parseCriteria(text: string): Criterion[] | string {
  const criteria: Criterion[] = []
  for (const part of splitList(text)) {
    const criterion = parseCriterion(part)
    if (typeof criterion === 'string') return criterion
    criteria.push(criterion)
  }
  return criteria
}
