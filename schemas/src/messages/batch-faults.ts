/** Batch faults: whether all that a batch refers to is in it. Its sender may be anybody; the schema says nothing of this. */
import { MAX_BATCH_RECORDS } from './batch-writer.ts'
import type { PacketBatch, PacketRecord } from './packet-batch.ts'

/** Number and index are one number below 2^53. */
const MAX_NUMBER = 2 ** 40

/** In words; undefined when there is none. */
export function faultOf(batch: PacketBatch): string | undefined {
  const { number, packets, addresses, blobEnds, blobs } = batch
  if (number < 1 || number >= MAX_NUMBER) return `batch number ${number}`
  if (packets.length > MAX_BATCH_RECORDS) return `${packets.length} records`
  if (addresses.length % 16 !== 0) return `${addresses.length} bytes of addresses`
  if (!areEnds(blobEnds, blobs.length)) return 'ends of blobs that are not in order, or behind the last'
  const tables = { names: batch.names.length, addresses: addresses.length / 16, blobs: blobEnds.length }
  const bad = packets.findIndex((record) => !isSound(record, tables))
  return bad < 0 ? undefined : `record ${bad} refers to what the batch does not hold`
}

interface Tables {
  readonly names: number
  readonly addresses: number
  readonly blobs: number
}

function areEnds(ends: readonly number[], length: number): boolean {
  let last = 0
  for (const end of ends) {
    if (end < last || end > length) return false
    last = end
  }
  return true
}

function isSound(record: PacketRecord, tables: Tables): boolean {
  if (record.count < 1 || record.lasted < 0 || record.prefix < 0) return false
  if (!isIndex(record.prefix, tables.names) || !isIndex(record.reporter, tables.names)) return false
  if (!isIndex(record.in, tables.names) || !isIndex(record.out, tables.names)) return false
  return areAddresses(record, tables.addresses) && areBlobs(record, tables.blobs)
}

/** Or -1: none. */
function isIndex(index: number, size: number): boolean {
  return index >= -1 && index < size
}

function areAddresses({ src, dst }: PacketRecord, size: number): boolean {
  return src >= 0 && src < size && dst >= 0 && dst < size
}

function areBlobs(record: PacketRecord, size: number): boolean {
  return (
    isIndex(record.mac, size) &&
    isIndex(record.tcpOptions, size) &&
    isIndex(record.ipOptions, size) &&
    isIndex(record.inner, size)
  )
}
