/**
 * Target: what many sources may have in common, and the partition of picket.contacts that gathers it.
 *
 * Every contact has two, its host and its port, and is published to the partitions of both.
 */
import { type Address, mix, stir } from '@picket/schemas'

export type Target =
  | { readonly type: 'host'; readonly host: Address }
  | { readonly type: 'port'; readonly proto: number; readonly port: number }

/** Ours and stable: another value would tear what belongs together apart. */
const HOST_SEED = 0x74676874
const PORT_SEED = 0x74677074

export function targetPartition(target: Target, partitions: number): number {
  return (hashTarget(target) >>> 0) % partitions
}

function hashTarget(target: Target): number {
  if (target.type === 'port') return mix(stir(stir(PORT_SEED, target.proto), target.port))
  let hash = HOST_SEED
  for (let i = 0; i < 4; i++) hash = stir(hash, target.host[i] as number)
  return mix(hash)
}
