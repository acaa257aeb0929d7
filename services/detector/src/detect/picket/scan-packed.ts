/**
 * PicketScan as a plain value, and back. The value says nothing of rows, so that these may change their shape.
 */
import { FewContacts } from './few-contacts.ts'
import { openFew } from './few-row.ts'
import { firstOf } from './first-contact.ts'
import { packMany, unpackMany } from './many-packed.ts'
import { Pace } from './pace.ts'
import { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import type { RowStore } from './row-store.ts'
import { FEW, FIRST, FLAG } from './scan-row.ts'
import { Suspects } from './suspects.ts'

const PLAIN = [
  'word0',
  'word1',
  'word2',
  'word3',
  'idHigh',
  'idLow',
  'packets',
  'assigned',
  'level',
  'kinds',
  'revision',
  'toldLevel',
  'toldKinds',
  'techniques',
] as const

interface Packed extends Record<(typeof PLAIN)[number], number> {
  /** JSON has no infinity: null when no probe was seen. */
  readonly firstSeen: number | null
  readonly lastSeen: number | null
  readonly reporters: string | string[]
  readonly isOutward: boolean
  readonly isCorroborated: boolean
  readonly isWide: boolean
  /** IPv4 host, shape, marks and minute. */
  readonly first: readonly [number, number, number, number] | null
  readonly few: PackedFew | null
  readonly many: unknown
  readonly suspects: unknown
}

interface PackedFew {
  readonly isBurst: boolean
  readonly pace: unknown
  readonly contacts: readonly number[][]
}

export function packScan(scan: PicketScan, classes: PortClasses): Packed {
  const plain = Object.fromEntries(PLAIN.map((name) => [name, scan[name]])) as Pick<
    Packed,
    (typeof PLAIN)[number]
  >
  const first = firstOf(scan)
  return {
    ...plain,
    firstSeen: scan.packets === 0 ? null : scan.firstSeen,
    lastSeen: scan.packets === 0 ? null : scan.lastSeen,
    reporters: typeof scan.reporters === 'string' ? scan.reporters : [...scan.reporters],
    isOutward: scan.isOutward,
    isCorroborated: scan.isCorroborated,
    isWide: scan.has(FLAG.wide),
    first: first === null ? null : [first.host[3] as number, first.shape, first.marks, first.minute],
    few: scan.hasFew ? packFew(scan, classes) : null,
    many: scan.many === null ? null : packMany(scan.many),
    suspects: scan.suspects?.pack() ?? null,
  }
}

export function unpackScan(value: unknown, classes: PortClasses, store: RowStore): PicketScan {
  const packed = value as Packed
  const scan = new PicketScan(store)
  for (const name of PLAIN) scan[name] = packed[name]
  if (packed.firstSeen !== null) scan.firstSeen = packed.firstSeen
  if (packed.lastSeen !== null) scan.lastSeen = packed.lastSeen
  scan.reporters = typeof packed.reporters === 'string' ? packed.reporters : [...packed.reporters]
  if (packed.isOutward) scan.raise(FLAG.outward)
  if (packed.isCorroborated) scan.raise(FLAG.corroborated)
  if (packed.isWide) scan.raise(FLAG.wide)
  packed.first?.forEach((word, i) => {
    scan.words[scan.base + FIRST.host + i] = word
  })
  if (packed.few !== null) unpackFew(scan, packed.few, classes)
  if (packed.many !== null) scan.many = unpackMany(packed.many, classes.policy)
  if (packed.suspects !== null) scan.suspects = Suspects.unpack(packed.suspects)
  return scan
}

function packFew(scan: PicketScan, classes: PortClasses): PackedFew {
  const few = new FewContacts(scan, scan.store, classes)
  const isBurst = scan.has(FLAG.burst)
  return { isBurst, pace: Pace.ofRow(scan, few.isFast).pack(), contacts: few.contacts() }
}

/** Counts the contacts anew. A burst that was seen may not show in the minutes that are left. */
function unpackFew(scan: PicketScan, packed: PackedFew, classes: PortClasses): void {
  openFew(scan, scan.store)
  const few = new FewContacts(scan, scan.store, classes)
  for (const contact of packed.contacts) {
    const [shape, marks, minute] = contact.slice(4) as [number, number, number]
    few.restore(Int32Array.from(contact.slice(0, 4)), shape, marks, minute)
  }
  if (packed.isBurst) scan.raise(FLAG.burst)
  if (packed.pace === null) scan.raise(FLAG.fast)
  else scan.words.set(packed.pace as number[], scan.base + FEW.pace)
}
