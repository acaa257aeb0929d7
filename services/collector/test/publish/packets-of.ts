/**
 * The packets that lines tell of and the packets that batches tell of, as multisets that can be compared.
 *
 * Folding keeps what the fold key names and the counts, so these are what is compared.
 */
import assert from 'node:assert/strict'
import { newPacket, type Packet, partitionOf, printAddress } from '@picket/schemas'
import { BatchReader, MESSAGES, type PacketBatch } from '@picket/schemas/messages'
import { LineReader } from '../../src/adapters/line-reader.ts'
import { DEFAULT_VERDICTS } from '../../src/index.ts'
import type { Sent } from './file-queue.ts'

export type Counts = Record<string, number>

export const HOST = 'host1'

function keyOf(packet: Packet): string {
  const { reporter, prefix, verdict, again, proto, dpt, icmpType, icmpCode, flags } = packet
  const ends = `${packet.in}>${packet.out} ${printAddress(packet.src)} ${printAddress(packet.dst)}`
  const kind = `${proto} ${dpt} ${icmpType}.${icmpCode} ${flags}`
  return `${reporter || HOST} ${prefix}${verdict}${again ? ' again' : ''} ${ends} ${kind}`
}

function count(counts: Counts, packet: Packet): void {
  const key = keyOf(packet)
  counts[key] = (counts[key] ?? 0) + packet.count
}

export function packetsInLines(text: string): Counts {
  const counts: Counts = {}
  const reader = new LineReader({ zone: () => 0, verdicts: DEFAULT_VERDICTS })
  const head = { source: 'kern', arrival: Date.now(), input: 1, offset: 0, position: {}, bootTime: null }
  const ignored = { lines: 0, packets: 0, repeats: 0, unparsed: {} }
  reader.read(head, Uint8Array.from(Buffer.from(text, 'latin1')), ignored, (packet) => count(counts, packet))
  return counts
}

export function batchesIn(sent: readonly Sent[]): (PacketBatch & { readonly partition: number })[] {
  return sent
    .filter(({ topic }) => topic === 'picket.packets')
    .map(({ partition, bytes }) => {
      const decoded = MESSAGES.packetBatch.decode(bytes)
      assert.ok(decoded.ok)
      return { ...decoded.value, partition }
    })
}

/** Repeats removed by number, as the detector does; numbers must have no gap and never run backwards by more than a repeat. */
export function packetsSent(sent: readonly Sent[], partitions: number): Counts {
  const counts: Counts = {}
  const marks = new Map<string, number>()
  const packet = newPacket()
  for (const batch of batchesIn(sent)) {
    const of = `${batch.agent} ${batch.partition}`
    const mark = marks.get(of) ?? 0
    if (batch.number <= mark) continue
    assert.equal(batch.number, mark + 1, 'no number is missing')
    marks.set(of, batch.number)
    const read = new BatchReader().read(batch, packet, 1, () => {
      assert.equal(partitionOf(packet.src, partitions), batch.partition)
      count(counts, packet)
    })
    assert.ok(read.ok)
  }
  return counts
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0)
}
