/**
 * PicketScan as bytes, and back: what the detector stores of a source between two commits.
 *
 * The row goes as it lies, counts and all, since a detector that stores every third packet has no time to count
 * contacts anew; so a change of the row's layout is a new format. Under another policy they are counted anew.
 */
import { ByteReader, readTexts } from '../bytes/byte-reader.ts'
import { type ByteWriter, storeTexts } from '../bytes/byte-writer.ts'
import { MAX_REPORTERS } from '../scan.ts'
import { restoreMany, storeMany } from './many-stored.ts'
import { PicketScan } from './picket-scan.ts'
import type { PortClasses } from './port-classes.ts'
import { isRowSound } from './row-check.ts'
import { lengthOf, type RowStore } from './row-store.ts'
import { packScan, unpackScan } from './scan-packed.ts'
import { SHORT_ROW } from './scan-row.ts'
import { Suspects } from './suspects.ts'

export const FORMAT = 1

/** Behind the format. */
const CHECKSUM_AT = 1
const CHECKED_FROM = 5

/** Of the byte that says what follows. */
const HAS = { many: 1, suspects: 2 } as const

const LONGEST_ROW = 2048
/** Of a longer row all words are stored, which is much faster and takes little more. */
const LONGEST_SPARSE = 160

export function storeScan(scan: PicketScan, into: ByteWriter, classes: PortClasses): void {
  const from = into.length
  into.reserve(40)
  into.byte(FORMAT)
  into.int32(0)
  into.int32(classes.fingerprint)
  const { reporters, many, suspects } = scan
  into.byte((many === null ? 0 : HAS.many) | (suspects === null ? 0 : HAS.suspects))
  into.float64(scan.packets)
  storeTexts(into, reporters)
  storeRow(scan, into)
  suspects?.store(into)
  if (many !== null) storeMany(many, into)
  into.setInt32(from + CHECKSUM_AT, into.checksum(from + CHECKED_FROM))
}

function storeRow(scan: PicketScan, into: ByteWriter): void {
  const length = lengthOf(scan)
  into.reserve(8)
  into.varint(length)
  if (length > LONGEST_SPARSE) into.words(scan.words, scan.base + 1, length - 1)
  else into.sparse(scan.words, scan.base + 1, length - 1)
}

/** undefined when the bytes are not what some version wrote. */
export function restoreScan(
  bytes: Uint8Array,
  classes: PortClasses,
  store: RowStore,
): PicketScan | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT || reader.int32() !== reader.checksum()) return undefined
  const isSamePolicy = reader.int32() === classes.fingerprint
  const scan = new PicketScan(store)
  readScan(scan, reader, classes)
  if (reader.isBroken || reader.rest > 0 || !isRowSound(scan)) {
    scan.close()
    return undefined
  }
  return isSamePolicy ? scan : countAnew(scan, classes, store)
}

function readScan(scan: PicketScan, reader: ByteReader, classes: PortClasses): void {
  const has = reader.byte()
  scan.packets = reader.float64()
  scan.reporters = readTexts(reader, MAX_REPORTERS)
  readRow(scan, reader)
  if ((has & HAS.suspects) !== 0) scan.suspects = Suspects.restore(reader)
  if ((has & HAS.many) !== 0) scan.many = restoreMany(reader, classes.policy)
}

function readRow(scan: PicketScan, reader: ByteReader): void {
  const length = reader.count(LONGEST_ROW)
  if (length >= SHORT_ROW && length !== lengthOf(scan)) {
    scan.store.release(scan.words, scan.base)
    scan.store.allocate(scan, length)
  }
  if (lengthOf(scan) !== length) reader.fail()
  else if (length > LONGEST_SPARSE) reader.words(scan.words, scan.base + 1, length - 1)
  else reader.sparse(scan.words, scan.base + 1, length - 1)
}

function countAnew(scan: PicketScan, classes: PortClasses, store: RowStore): PicketScan {
  const packed = packScan(scan, classes)
  scan.close()
  return unpackScan(packed, classes, store)
}
