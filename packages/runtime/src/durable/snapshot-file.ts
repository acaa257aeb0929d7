/**
 * Snapshot file: one value, whole or not there.
 *
 * `PICKETS1 | CRC-32 u32 | payload (v8.serialize)`. It is written beside its name and renamed onto it
 * after an fsync, so a reader never meets half of one; the CRC is for the disk's faults, not for ours.
 */
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { deserialize } from 'node:v8'
import { bytesOf } from '../bytes.ts'
import { crc32 } from './crc32.ts'

const MAGIC = new TextEncoder().encode('PICKETS1')
const HEADER_BYTES = MAGIC.length + 4

export async function writeSnapshot(folder: string, name: string, payload: Uint8Array): Promise<void> {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(MAGIC)
  new DataView(header.buffer).setUint32(MAGIC.length, crc32(payload), true)
  const draft = `${folder}/${name}.tmp`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writev([header, payload])
    const { size } = await file.stat()
    if (size !== HEADER_BYTES + payload.length) throw new Error(`${draft}: no space left on the device`)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(draft, `${folder}/${name}`)
  await syncFolder(folder)
}

/** Makes renames, new files and removals in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export type SnapshotRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: string }

export function readSnapshot(path: string): SnapshotRead {
  try {
    const file = readFileSync(path)
    const bytes = bytesOf(file)
    if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, i) => byte === bytes[i])) {
      return { ok: false, fault: 'is no snapshot' }
    }
    const payload = bytes.subarray(HEADER_BYTES)
    if (crc32(payload) !== file.readUInt32LE(MAGIC.length)) return { ok: false, fault: 'fails its checksum' }
    return { ok: true, value: deserialize(payload) }
  } catch (error) {
    return { ok: false, fault: error instanceof Error ? error.message : String(error) }
  }
}
