/**
 * Input number: which file or stream a packet was read from, as 32 bits.
 *
 * Hashed from names that do not change with a restart, as packets' identities and so incident ids hang on it.
 */
import { createHash } from 'node:crypto'

export function inputNumber(...names: readonly string[]): number {
  return createHash('sha256').update(JSON.stringify(names)).digest().readUInt32BE(0)
}
