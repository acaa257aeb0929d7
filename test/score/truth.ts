/**
 * Reads a truth.json: which file holds which scan, and what deserves an incident.
 *
 * Faults of the file are told all at once and with their row, because a label that is skipped in
 * silence makes the score look better than it is.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expandSource } from './sources.ts'

export const EXPECTATIONS = ['alert', 'none', 'none-or-low', 'later'] as const
export type Expectation = (typeof EXPECTATIONS)[number]

export interface Row {
  readonly file: string
  readonly expect: Expectation
  /** Canonical addresses with what each deserves. */
  readonly sources: ReadonlyMap<string, Expectation>
  /** Listed sources that left fewer lines than any rule may judge. */
  readonly tooFew: readonly string[]
  readonly allow: readonly string[]
}

/** A row as it may stand in the file: nothing of it is believed yet. */
interface RawRow {
  readonly file?: unknown
  readonly expect?: unknown
  readonly sources?: unknown
  readonly labels?: unknown
  readonly logged?: unknown
  readonly allow?: unknown
}

/** No source can be judged by fewer contacts: an incident needs three (DESIGN section 6). */
const LEAST_LINES = 3

export class TruthFault extends Error {}

export function readTruth(folder: string): Row[] {
  const path = join(folder, 'truth.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new TruthFault(`${path}: cannot be read; give the folder that holds truth.json and the captures`)
  }
  const faults: string[] = []
  const rows = rowsOf(path, text).map((row, index) => readRow(folder, row, index, faults))
  if (faults.length > 0) throw new TruthFault(faults.map((fault) => `${path}: ${fault}`).join('\n'))
  return rows
}

function rowsOf(path: string, text: string): unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new TruthFault(`${path}: is no JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(parsed) || parsed.length === 0) {
    throw new TruthFault(`${path}: must be a list of rows, with at least one`)
  }
  return parsed
}

function readRow(folder: string, raw: unknown, index: number, faults: string[]): Row {
  const row = (typeof raw === 'object' && raw !== null ? raw : {}) as RawRow
  const file = typeof row.file === 'string' ? row.file : ''
  const where = `row ${index + 1}${file === '' ? '' : ` (${file})`}`
  if (file === '') faults.push(`${where}: "file" is missing`)
  else if (!existsSync(join(folder, file))) faults.push(`${where}: the file is not in ${folder}`)
  const sources = sourcesOf(row, where, faults)
  return {
    file,
    expect: overall(row.expect, sources, where, faults),
    sources,
    tooFew: tooFew(row.logged, sources),
    allow: strings(row.allow),
  }
}

function sourcesOf(row: RawRow, where: string, faults: string[]): Map<string, Expectation> {
  const sources = new Map<string, Expectation>()
  const labels = Object.entries((row.labels ?? {}) as object)
  const expected = expectation(row.expect) ?? 'alert'
  const entries: [string, unknown][] =
    labels.length > 0 ? labels : strings(row.sources).map((entry) => [entry, expected])
  for (const [entry, label] of entries) {
    const deserved = expectation(label)
    if (deserved === undefined) {
      faults.push(`${where}: label of ${entry} is none of ${EXPECTATIONS.join(', ')}`)
    }
    for (const address of expandSource(entry)) sources.set(address, deserved ?? 'alert')
  }
  return sources
}

/** A mixed file gives one label per source; it is an alert file as soon as one of them is. */
function overall(
  raw: unknown,
  sources: ReadonlyMap<string, Expectation>,
  where: string,
  faults: string[],
): Expectation {
  const expected = expectation(raw)
  if (expected === undefined && !/^per.source/.test(String(raw))) {
    faults.push(`${where}: "expect" is ${JSON.stringify(raw)}, must be one of ${EXPECTATIONS.join(', ')}`)
  }
  if ((expected ?? 'alert') === 'alert' && sources.size === 0) {
    faults.push(`${where}: an alert file must list its sources`)
  }
  return expected ?? 'alert'
}

const WORDS: Readonly<Record<string, Expectation>> = { attack: 'alert', benign: 'none' }

function expectation(raw: unknown): Expectation | undefined {
  const word = typeof raw === 'string' ? raw : String((raw as { expect?: unknown } | null)?.expect ?? '')
  return EXPECTATIONS.find((known) => known === word) ?? WORDS[word]
}

function tooFew(logged: unknown, sources: ReadonlyMap<string, Expectation>): string[] {
  if (typeof logged !== 'object' || logged === null) return []
  const few: string[] = []
  for (const [source, figures] of Object.entries(logged)) {
    const lines = (figures as { lines?: unknown } | null)?.lines
    if (typeof lines !== 'number' || lines >= LEAST_LINES) continue
    few.push(...expandSource(source).filter((address) => sources.get(address) === 'alert'))
  }
  return few
}

function strings(raw: unknown): string[] {
  const list = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw]
  return list.filter((entry): entry is string => typeof entry === 'string')
}
