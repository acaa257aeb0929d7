/**
 * Recovery: the newest whole snapshot, and the records behind it in order.
 *
 * What cannot be trusted is cut off and said, never skipped over: a record behind damage would move a
 * position past lines that were not counted, while a position that falls back is simply read again.
 */
import { renameSync, rmSync } from 'node:fs'
import { cutBack, readFrames } from './frames.ts'
import { type Found, fileOf } from './generations.ts'
import { readSnapshot } from './snapshot-file.ts'

export interface Recovered {
  /** Undefined: there is none. */
  readonly snapshot: unknown
  /** Of that snapshot; -1 for none. */
  readonly generation: number
  /** To be read to its end once; cuts files back as it goes. */
  readonly records: Generator<Uint8Array>
  /** What was wrong, for the log; complete when the records are read. */
  readonly faults: string[]
}

export function recoverFrom(folder: string, found: Found): Recovered {
  const faults: string[] = []
  for (const generation of [...found.snapshots].reverse()) {
    const name = fileOf('snapshot', generation)
    const read = readSnapshot(`${folder}/${name}`)
    if (read.ok) {
      return {
        snapshot: read.value,
        generation,
        faults,
        records: recordsFrom(folder, found, generation, faults),
      }
    }
    faults.push(`${name} ${read.fault}; set aside, the one before it is used`)
    renameSync(`${folder}/${name}`, `${folder}/${name}.damaged`)
  }
  const first = found.journals[0]
  if (first !== undefined) faults.push('no snapshot is whole: only what the journals hold is known')
  return {
    snapshot: undefined,
    generation: -1,
    faults,
    records: recordsFrom(folder, found, first ?? 0, faults),
  }
}

function* recordsFrom(folder: string, found: Found, base: number, faults: string[]): Generator<Uint8Array> {
  const journals = found.journals.filter((generation) => generation >= base)
  for (const [index, generation] of journals.entries()) {
    const whole =
      generation === base + index && (yield* recordsOf(folder, generation, generation === base, faults))
    if (whole) continue
    for (const later of journals.slice(index + 1)) dropJournal(folder, later, faults)
    return
  }
}

/** Yields the records of one journal; false if nothing that stands behind it may be replayed. */
function* recordsOf(
  folder: string,
  generation: number,
  isBase: boolean,
  faults: string[],
): Generator<Uint8Array, boolean> {
  const name = fileOf('journal', generation)
  const frames = readFrames(`${folder}/${name}`)
  let next = frames.next()
  if (next.done !== true && next.value[0] === 1 && !isBase) {
    dropJournal(folder, generation, faults)
    return false
  }
  let isHeader = true
  for (; next.done !== true; next = frames.next()) {
    if (!isHeader) yield next.value
    isHeader = false
  }
  const { wholeBytes, tornBytes } = next.value
  if (tornBytes === 0) return true
  faults.push(`${name}: ${tornBytes} bytes behind the last whole record are cut off`)
  cutBack(`${folder}/${name}`, wholeBytes)
  return false
}

function dropJournal(folder: string, generation: number, faults: string[]): void {
  const name = fileOf('journal', generation)
  faults.push(`${name} stands behind a gap and is not replayed; files are read again from before it`)
  rmSync(`${folder}/${name}`, { force: true })
}
