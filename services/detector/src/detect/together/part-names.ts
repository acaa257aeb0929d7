/**
 * Part names: under which key of the store each part of the state lies.
 *
 * Networks, targets and hosts lie in a fixed number of pages by their hash, so that after a restart every
 * key is known beforehand; a change rewrites one small page.
 */
import { HIGH_SEED, hashText, mix, stir } from '@picket/schemas'
import type { GroupKey, HostKey, Key, TargetKey } from './keys.ts'

export const META = 'cm'
/** Contacts of one part of a slice. */
export const CHUNK = 256

const PAGES = { cg: 1_024, ct: 64, ch: 16 } as const

export function groupPart(group: GroupKey): string {
  return page('cg', hashKey(group))
}

export function targetPart(target: TargetKey): string {
  return page('ct', hashKey(target))
}

export function hostPart(host: HostKey): string {
  return page('ch', hashKey(host))
}

/** Whether a part holds networks, targets or hosts. */
export function isPage(part: string): boolean {
  return part.slice(0, 2) in PAGES
}

export function isWaiting(part: string): boolean {
  return part.startsWith('cp')
}

export function waitingPart(slice: number, chunk: number): string {
  return `cp${slice}.${chunk}`
}

export function placeOf(part: string): [slice: number, chunk: number] {
  const [slice, chunk] = part.slice('cp'.length).split('.')
  return [Number(slice), Number(chunk)]
}

export function chunksOf(held: number): number {
  return Math.ceil(held / CHUNK)
}

/** All pages there may be. */
export function pageNames(): string[] {
  return Object.entries(PAGES).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, at) => `${kind}${at}`),
  )
}

function page(kind: keyof typeof PAGES, hash: number): string {
  return `${kind}${(hash >>> 0) % PAGES[kind]}`
}

function hashKey(key: Key): number {
  if (typeof key === 'string') return hashText(key, HIGH_SEED)
  return mix(stir(stir(HIGH_SEED, key | 0), Math.floor(key / 0x1_0000_0000)))
}
