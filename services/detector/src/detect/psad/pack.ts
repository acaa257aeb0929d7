/**
 * A psad scan as a plain value, and back.
 *
 * Intervals mean something under one CHECK_INTERVAL only: restored under another they begin empty, while counts
 * and levels stay.
 */
import { growWords } from '../words.ts'
import { ContactTally } from './contact-tally.ts'
import { emptyPsadScan, type Measures, type PsadScan } from './psad-scan.ts'
import { FIELD, indexTarget, newTargets, type Pause, type Targets } from './targets.ts'

/** All of a scan that is plain already. */
type Plain = Omit<PsadScan, 'targets' | 'services' | 'contacts'>

interface PackedScan {
  readonly plain: Plain
  /** Rows up to the recent intervals, and these apart: how many depends on CHECK_INTERVAL. */
  readonly rows: readonly (readonly number[])[]
  readonly recent: readonly (readonly number[])[]
  readonly pauses: readonly (readonly [number, Pause])[]
  readonly manyProtocols: readonly (readonly [number, number[]])[]
  /** CHECK_INTERVAL in ms. */
  readonly checkInterval: number
  readonly services: readonly number[]
  readonly contacts: unknown
}

export function packScan(scan: PsadScan, measures: Measures): PackedScan {
  const { targets, services, contacts, ...plain } = scan
  const rows = Array.from({ length: targets.count }, (_, index) => rowOf(targets, index))
  return structuredClone({
    plain,
    rows: rows.map((row) => row.slice(0, FIELD.recent)),
    recent: rows.map((row) => row.slice(FIELD.recent)),
    pauses: [...(targets.pauses ?? [])],
    manyProtocols: [...(targets.manyProtocols ?? [])],
    checkInterval: measures.interval,
    services: services.services(),
    contacts: contacts?.pack() ?? null,
  })
}

export function unpackScan(value: unknown, measures: Measures): PsadScan {
  const packed = structuredClone(value) as PackedScan
  const isSame = packed.checkInterval === measures.interval
  const scan = Object.assign(emptyPsadScan(measures), packed.plain)
  if (!isSame) {
    const { newestInterval, intervals } = emptyPsadScan(measures)
    Object.assign(scan, { newestInterval, intervals })
  }
  scan.targets = unpackTargets(packed, isSame, measures)
  for (const service of packed.services) scan.services.add(service)
  if (packed.contacts !== null) scan.contacts = ContactTally.unpack(packed.contacts)
  return scan
}

function rowOf(targets: Targets, index: number): number[] {
  return Array.from(targets.words.slice(index * targets.stride, (index + 1) * targets.stride))
}

function unpackTargets(packed: PackedScan, keepsIntervals: boolean, measures: Measures): Targets {
  const targets = newTargets(measures.intervals)
  while (targets.words.length < packed.rows.length * targets.stride) {
    targets.words = growWords(targets.words, targets.words.length * 2)
  }
  for (const [index, row] of packed.rows.entries()) {
    const recent = keepsIntervals ? packed.recent[index] : undefined
    setRow(targets, index, [...row, ...(recent ?? [])])
    if (recent === undefined) targets.words[index * targets.stride + FIELD.interval] = 0
    targets.count++
    indexTarget(targets, index)
  }
  targets.pauses = packed.pauses.length === 0 ? null : new Map(packed.pauses)
  targets.manyProtocols = packed.manyProtocols.length === 0 ? null : new Map(packed.manyProtocols)
  return targets
}

function setRow(targets: Targets, index: number, row: readonly number[]): void {
  for (const [i, word] of row.entries()) targets.words[index * targets.stride + i] = word
}
