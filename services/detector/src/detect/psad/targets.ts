/**
 * Targets: the hosts of one source, found by address.
 *
 * A few are searched one by one, the last one first since scanners stay at a host for a while; from the ninth on
 * a hash table of indices finds them. No key is ever made into a string or an object.
 */
import type { Packet } from '@picket/schemas'
import { HIGH_SEED, mix, stir } from '../hash.ts'
import { isTarget, type Target } from './target.ts'

export interface Targets {
  readonly list: Target[]
  /** The index into `list` of the target that was asked for last. */
  last: number
  /** Indices plus one, 0 is free; null while there are few. */
  slots: Int32Array | null
}

const FEW = 8

export function newTargets(): Targets {
  return { list: [], last: 0, slots: null }
}

export function findTarget(targets: Targets, packet: Packet): Target | undefined {
  const recent = targets.list[targets.last]
  if (recent === undefined || isTarget(recent, packet)) return recent
  const index = targets.slots === null ? searchList(targets.list, packet) : searchSlots(targets, packet)
  if (index < 0) return undefined
  targets.last = index
  return targets.list[index]
}

/** The target must not be there yet. */
export function addTarget(targets: Targets, target: Target): void {
  targets.last = targets.list.push(target) - 1
  if (targets.list.length <= FEW) return
  if (targets.slots === null || targets.list.length * 2 > targets.slots.length) {
    targets.slots = new Int32Array(Math.max(4 * FEW, (targets.slots?.length ?? 0) * 2))
    for (let i = 0; i < targets.list.length; i++) enterSlot(targets.slots, targets.list[i] as Target, i)
    return
  }
  enterSlot(targets.slots, target, targets.last)
}

function searchList(list: readonly Target[], packet: Packet): number {
  for (let i = 0; i < list.length; i++) if (isTarget(list[i] as Target, packet)) return i
  return -1
}

function searchSlots(targets: Targets, packet: Packet): number {
  const slots = targets.slots as Int32Array
  const mask = slots.length - 1
  const { dst } = packet
  let at = hash(dst[0] as number, dst[1] as number, dst[2] as number, dst[3] as number) & mask
  for (let index = slots[at] as number; index !== 0; index = slots[at] as number) {
    if (isTarget(targets.list[index - 1] as Target, packet)) return index - 1
    at = (at + 1) & mask
  }
  return -1
}

function enterSlot(slots: Int32Array, target: Target, index: number): void {
  const mask = slots.length - 1
  let at = hash(target.word0, target.word1, target.word2, target.word3) & mask
  while (slots[at] !== 0) at = (at + 1) & mask
  slots[at] = index + 1
}

/** The seed is public; MOST_HOSTS bounds what somebody who sweeps for collisions can cost. */
function hash(word0: number, word1: number, word2: number, word3: number): number {
  return mix(stir(stir(stir(stir(HIGH_SEED, word0), word1), word2), word3))
}
