/**
 * Scores the captures of a folder: runs `picket analyze` on each and sums up recall and precision.
 *
 * Rows that a later issue adds (`later`) are analysed, so that a crash shows, and left out of every figure.
 */
import { join } from 'node:path'
import { analyze } from '../picket.ts'
import { type FileScore, judge } from './judge.ts'
import { type Row, readTruth } from './truth.ts'

export interface Score {
  readonly files: readonly FileScore[]
  /** Sources found exactly once, of those that deserve an incident. */
  readonly recall: number
  /** Right incidents, of all but those of unlisted sources in alert files. */
  readonly precision: number
  readonly incidentsPerAttacker: number
  readonly failed: number
}

/** As many at once as the smallest machine we test on has cores. */
const AT_ONCE = 2

export async function scoreFolder(folder: string, policy: string): Promise<Score> {
  const rows = readTruth(folder)
  const files: FileScore[] = new Array(rows.length)
  const waiting = rows.map((row, index) => ({ row, index }))
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      files[next.index] = await scoreRow(folder, policy, next.row)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return sumUp(files)
}

async function scoreRow(folder: string, policy: string, row: Row): Promise<FileScore> {
  const allow = row.allow.flatMap((net) => ['--allow', net])
  const analysis = await analyze([join(folder, row.file), '--policy', policy, ...allow])
  return judge(row, analysis.incidents)
}

export function sumUp(files: readonly FileScore[]): Score {
  const judged = files.filter((file) => file.verdict !== 'later')
  const sum = (of: (file: FileScore) => number): number => judged.reduce((total, file) => total + of(file), 0)
  const expected = sum((file) => file.expected)
  const once = sum((file) => file.foundOnce)
  const incidents = sum((file) => file.incidents)
  const wrong = sum((file) => file.wrong.length)
  const found = sum((file) => file.foundOnce + file.split.length)
  return {
    files,
    recall: share(once, expected),
    precision: share(found, incidents + wrong),
    incidentsPerAttacker: share(incidents, found),
    failed: judged.filter((file) => file.verdict !== 'ok').length,
  }
}

/** Nothing of nothing is all of it. */
function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}
