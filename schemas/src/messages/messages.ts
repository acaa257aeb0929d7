/**
 * Messages: the codec of everything that crosses processes.
 *
 * One object a release: its versions are those of schemas/history, see schemas/README.md for what may change in one.
 */
import type { AlertMessage } from './alert.ts'
import type { Allowlist } from './allowlist.ts'
import type { Ban } from './ban.ts'
import { type Codec, newCodec } from './codec.ts'
import type { ContactBatch } from './contact-batch.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { PacketBatch } from './packet-batch.ts'
import type { PartitionTotals } from './partition-totals.ts'
import type { Receipt } from './receipt.ts'
import type { StoredScan } from './stored-scan.ts'
import { VERSIONS } from './versions.ts'

export interface Messages {
  readonly packetBatch: Codec<PacketBatch>
  readonly contactBatch: Codec<ContactBatch>
  readonly alert: Codec<AlertMessage>
  readonly receipt: Codec<Receipt>
  readonly ban: Codec<Ban>
  readonly allowlist: Codec<Allowlist>
  readonly deadLetter: Codec<DeadLetter>
  readonly storedScan: Codec<StoredScan>
  readonly partitionTotals: Codec<PartitionTotals>
}

export const MESSAGES: Messages = {
  packetBatch: newCodec(VERSIONS.packetBatch),
  contactBatch: newCodec(VERSIONS.contactBatch),
  alert: newCodec(VERSIONS.alert),
  receipt: newCodec(VERSIONS.receipt),
  ban: newCodec(VERSIONS.ban),
  allowlist: newCodec(VERSIONS.allowlist),
  deadLetter: newCodec(VERSIONS.deadLetter),
  storedScan: newCodec(VERSIONS.storedScan),
  partitionTotals: newCodec(VERSIONS.partitionTotals),
}
