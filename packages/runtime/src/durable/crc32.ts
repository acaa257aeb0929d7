/**
 * CRC-32 (IEEE 802.3, reflected, 0xEDB88320), the one of zip and zlib.
 *
 * Tables for four bytes at a time: node:zlib has `crc32` only from Node 20.15 on, and we run on 20.9.
 */
const TABLES = makeTables()

export function crc32(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed
  const whole = bytes.length & ~3
  let i = 0
  for (; i < whole; i += 4) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    crc =
      (TABLES[768 + (crc & 255)] as number) ^
      (TABLES[512 + ((crc >>> 8) & 255)] as number) ^
      (TABLES[256 + ((crc >>> 16) & 255)] as number) ^
      (TABLES[crc >>> 24] as number)
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[i] as number)) & 255] as number)
  return ~crc >>> 0
}

function makeTables(): Int32Array {
  const tables = new Int32Array(1024)
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[n] = crc
  }
  for (let n = 0; n < 768; n++) {
    const before = tables[n] as number
    tables[n + 256] = (before >>> 8) ^ (tables[before & 255] as number)
  }
  return tables
}
