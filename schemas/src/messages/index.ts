/** The entry point `@picket/schemas/messages`: it loads avsc, which `@picket/schemas` never does. */
export { AddressTable } from './address-table.ts'
export type { AlertMessage, EvidenceRecord, IncidentRecord, SignatureRecord } from './alert.ts'
export { alertMessage, alertOf } from './alert-message.ts'
export type { Allowlist, AllowlistEntry } from './allowlist.ts'
export type { Ban, BanWish } from './ban.ts'
export { BatchReader, type OnPacket, type ReadOutcome } from './batch-reader.ts'
export {
  type BatchHead,
  BatchWriter,
  type Folded,
  MAX_BATCH_RECORDS,
  type PacketExtra,
  RECORD,
} from './batch-writer.ts'
export { type Codec, type Decoded, type Fault, MAX_MESSAGE_BYTES, newCodec } from './codec.ts'
export type { ContactBatch, ContactRecord } from './contact-batch.ts'
export type { DeadLetter } from './dead-letter.ts'
export { MESSAGES, type Messages } from './messages.ts'
export type { PacketBatch, PacketRecord } from './packet-batch.ts'
export type { PartitionTotals } from './partition-totals.ts'
export type { BanReceipt, Heartbeat, Receipt } from './receipt.ts'
export { canonicalForm, fingerprint, type Schema } from './schema.ts'
export type { StoredScan } from './stored-scan.ts'
export { VERSIONS } from './versions.ts'
