/**
 * Words for tests of partition stores: values from text, commits that change nothing but what is said.
 */
import type { Commit, PartitionStore, Put, StoreKey } from '@picket/runtime'

const WEEK = 7 * 86_400

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0))
}

export function textOf(value: Uint8Array | null | undefined): string | null {
  return value === null || value === undefined
    ? null
    : Array.from(value, (byte) => String.fromCharCode(byte)).join('')
}

export function put(key: StoreKey, value: string | Uint8Array, ttlSeconds: number = WEEK): Put {
  return { key, value: typeof value === 'string' ? bytes(value) : value, ttlSeconds }
}

/** A commit that changes nothing but the offset, unless more is said. */
export function commitOf(changes: Partial<Commit> & Pick<Commit, 'epoch' | 'expected' | 'next'>): Commit {
  return { puts: [], marks: [], outbox: [], ...changes }
}

export async function keysOf(store: PartitionStore, partition: string, beginning = ''): Promise<StoreKey[]> {
  const keys: StoreKey[] = []
  for await (const key of store.keys(partition, beginning)) keys.push(key)
  return keys.sort()
}

let partitions = 0

export function anyPartition(): string {
  partitions++
  return `packets:${partitions}`
}
