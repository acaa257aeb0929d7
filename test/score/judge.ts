/**
 * Compares what `analyze` found in one capture with what the capture's row says it holds.
 *
 * Every listed source must have exactly one incident, of its own or as one of many: none is a miss, two are one story told twice.
 * Incidents of sources that an alert file does not list are counted apart; they are neither right nor wrong.
 */
import { tellsOf } from './sources.ts'
import type { Row } from './truth.ts'

/** The fields of an incident that the score looks at. */
export interface Scored {
  readonly source: string | null
  readonly prefix: string
  readonly members: readonly string[]
  readonly level: number
  readonly kinds: readonly string[]
}

export interface FileScore {
  readonly file: string
  readonly expect: string
  /** Listed sources that deserve an incident and left enough lines. */
  readonly expected: number
  readonly foundOnce: number
  readonly missed: readonly string[]
  /** Sources with more than one incident. */
  readonly split: readonly string[]
  /** Incidents of the listed sources. */
  readonly incidents: number
  /** Incidents that should not be there. */
  readonly wrong: readonly string[]
  readonly unlisted: number
  readonly tooFew: number
  readonly level: number
  readonly kinds: readonly string[]
  readonly verdict: 'ok' | 'miss' | 'split' | 'false' | 'later'
}

/** A file of `none-or-low` may hold incidents up to this level. */
const LOW = 1

export function judge(row: Row, incidents: readonly Scored[]): FileScore {
  const wanted = [...row.sources]
    .filter(([address, expected]) => expected === 'alert' && !row.tooFew.includes(address))
    .map(([address]) => address)
  const perSource = wanted.map((address) => incidents.filter((incident) => tellsOf(incident, address)).length)
  const wrong = incidents.filter((incident) => isWrong(row, incident))
  const score = {
    file: row.file,
    expect: row.expect,
    expected: wanted.length,
    foundOnce: perSource.filter((n) => n === 1).length,
    missed: wanted.filter((_, i) => perSource[i] === 0),
    split: wanted.filter((_, i) => (perSource[i] ?? 0) > 1),
    incidents: perSource.reduce((sum, n) => sum + n, 0),
    wrong: wrong.map((incident) => incident.source ?? incident.prefix),
    unlisted: incidents.filter((incident) => isUnlisted(row, incident)).length,
    tooFew: row.tooFew.length,
    level: Math.max(0, ...incidents.map((incident) => incident.level)),
    kinds: [...new Set(incidents.flatMap((incident) => incident.kinds))].sort(),
  }
  return { ...score, verdict: verdictOf(row, score) }
}

function verdictOf(row: Row, score: Omit<FileScore, 'verdict'>): FileScore['verdict'] {
  if (row.expect === 'later') return 'later'
  if (score.wrong.length > 0) return 'false'
  if (score.missed.length > 0) return 'miss'
  return score.split.length > 0 ? 'split' : 'ok'
}

function isWrong(row: Row, incident: Scored): boolean {
  const expected = expectedOf(row, incident) ?? (row.expect === 'alert' ? 'later' : row.expect)
  if (expected === 'none') return true
  return expected === 'none-or-low' && incident.level > LOW
}

function isUnlisted(row: Row, incident: Scored): boolean {
  return row.expect === 'alert' && expectedOf(row, incident) === undefined
}

function expectedOf(row: Row, incident: Scored): string | undefined {
  for (const [address, expected] of row.sources) {
    if (tellsOf(incident, address)) return expected
  }
  return undefined
}
