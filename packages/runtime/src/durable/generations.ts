/**
 * Generations: the numbered files of a state folder.
 *
 * Numbers only rise, also over failed checkpoints, so no file is ever written to twice.
 */
import { readdirSync, rmSync } from 'node:fs'

export interface Found {
  /** Ascending. */
  readonly snapshots: readonly number[]
  readonly journals: readonly number[]
  /** -1 in an empty folder. */
  readonly newest: number
}

export function fileOf(what: 'snapshot' | 'journal', generation: number): string {
  return `${what}-${String(generation).padStart(8, '0')}`
}

/** Lists the generations, and removes the drafts of snapshots that never got their name. */
export function lookInto(folder: string): Found {
  const names = readdirSync(folder)
  for (const name of names) {
    if (/^snapshot-\d+\.tmp$/.test(name)) rmSync(`${folder}/${name}`, { force: true })
  }
  const snapshots = numbersOf(names, 'snapshot')
  const journals = numbersOf(names, 'journal')
  return { snapshots, journals, newest: Math.max(-1, ...snapshots, ...journals) }
}

function numbersOf(names: readonly string[], what: 'snapshot' | 'journal'): number[] {
  const prefix = `${what}-`
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b)
}

/** Removes what lies before a generation. */
export function removeOlder(folder: string, than: number): void {
  const { snapshots, journals } = lookInto(folder)
  for (const number of snapshots) if (number < than) rmSync(`${folder}/${fileOf('snapshot', number)}`)
  for (const number of journals) if (number < than) rmSync(`${folder}/${fileOf('journal', number)}`)
}
