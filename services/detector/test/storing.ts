/** Folding one source's packets, and storing its scan in between, for tests. */
import assert from 'node:assert/strict'
import type { Packet } from '@picket/schemas'
import fc from 'fast-check'
import { ByteWriter } from '../src/detect/bytes/byte-writer.ts'
import { foldInto, judge, tell } from '../src/detect/judging.ts'
import { FOLDED, type Method, type Scan } from '../src/detect/method.ts'
import { isFolded } from '../src/detect/observation.ts'
import { act, play } from './acts.ts'

const writer = new ByteWriter()

export function store<S extends Scan>(method: Method<S>, scan: S): Uint8Array {
  writer.begin()
  method.store(scan, writer)
  return writer.finish().slice()
}

export function restore<S extends Scan>(method: Method<S>, bytes: Uint8Array): S {
  const scan = method.restore(bytes)
  assert.ok(scan !== undefined)
  return scan
}

export function fold<S extends Scan>(method: Method<S>, scan: S, packet: Packet): void {
  const observation = method.classify(packet)
  if (!isFolded(observation)) return
  const folded = foldInto(method, scan, packet, observation, -1, packet.time)
  if ((folded & FOLDED.changed) !== 0 && judge(method, scan)) tell(scan)
}

/** Folds on, stored and restored before every packet whose number is in `at`. */
export function foldAll<S extends Scan>(
  method: Method<S>,
  packets: readonly Packet[],
  at: ReadonlySet<number> = new Set(),
  first: Packet = packets[0] as Packet,
): S {
  let scan = method.open(first, first.time)
  packets.forEach((packet, i) => {
    if (at.has(i)) {
      const bytes = store(method, scan)
      method.close?.(scan)
      scan = restore(method, bytes)
    }
    fold(method, scan, packet)
  })
  return scan
}

/** All of one source, of any family. */
export function storyOver(isWide: boolean): fc.Arbitrary<Packet[]> {
  return fc.array(act, { minLength: 1, maxLength: 5 }).map((acts) => {
    const packets = acts.flatMap((step) => play({ ...step, source: 1 }))
    return isWide ? packets.map(widen) : packets
  })
}

export const story: fc.Arbitrary<Packet[]> = fc.boolean().chain(storyOver)

function widen(packet: Packet): Packet {
  packet.src.set([0x20010db8, 1, 0, packet.spt])
  packet.dst.set([0x20010db8, 2, 0, packet.dst[3] as number])
  return packet
}
