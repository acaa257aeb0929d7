/** Packets of all shapes, made by fast-check: every field of every packet has a value of its own. */
import fc from 'fast-check'
import { type Address, newPacket, type Packet, type Span, VERDICTS } from '../../src/index.ts'

const TIME = Date.UTC(2026, 10, 22)

/** A number that the line may not say. */
function upTo(max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(-1), fc.integer({ min: 0, max }))
}

const word = fc.integer()
const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((last) => Int32Array.of(0, 0, 0xffff, last)),
  fc.tuple(word, word, word, word).map((words) => Int32Array.from(words)),
)
const name = fc.oneof(fc.constantFrom('eth0', 'ppp0', '[UFW BLOCK] '), fc.string({ unit: 'grapheme' }))
const blob = fc.option(fc.oneof(fc.constant(Uint8Array.of(1, 2)), fc.uint8Array({ maxLength: 20 })))

const headers = {
  proto: upTo(255),
  spt: upTo(65_535),
  dpt: upTo(65_535),
  flags: upTo(255),
  icmpType: upTo(255),
  icmpCode: upTo(255),
  len: upTo(1_000_000),
  ttl: upTo(255),
  id: upTo(65_535),
  tos: upTo(255),
  window: upTo(65_535),
  seq: upTo(2 ** 32 - 1),
  ack: upTo(2 ** 32 - 1),
  udpLen: upTo(65_535),
  icmpId: upTo(65_535),
  icmpSeq: upTo(65_535),
  fragment: fc.integer({ min: 0, max: 7 }),
  fragmentOffset: upTo(65_535),
}

const SPANS = ['mac', 'tcpOptions', 'ipOptions', 'inner'] as const

export const anyPacket: fc.Arbitrary<Packet> = fc
  .record({
    ...headers,
    time: fc.integer({ min: TIME, max: TIME + 5_000 }),
    reporter: fc.oneof(fc.constant('alpha'), fc.string({ minLength: 1 })),
    prefix: name,
    verdict: fc.constantFrom(...VERDICTS),
    in: name,
    out: name,
    src: anyAddress,
    dst: anyAddress,
    incomplete: fc.boolean(),
    toMany: fc.boolean(),
    again: fc.boolean(),
    count: fc.integer({ min: 1, max: 5 }),
    blobs: fc.tuple(blob, blob, blob, blob),
  })
  .map(({ blobs, ...fields }) => withBlobs({ ...newPacket(), ...fields }, blobs))

/** Puts them into a line of the packet's own, with something before each. */
function withBlobs(packet: Packet, blobs: readonly (Uint8Array | null)[]): Packet {
  const line: number[] = []
  for (const [i, bytes] of blobs.entries()) {
    const span: Span = packet[SPANS[i] as (typeof SPANS)[number]]
    if (bytes === null) continue
    line.push(32)
    span.start = line.length
    line.push(...bytes)
    span.end = line.length
  }
  return { ...packet, line: Uint8Array.from(line) }
}

/** All that a packet says, as plain values; not where it stands. */
export function told(packet: Packet): unknown {
  const { line, body, input, offset, src, dst, ...rest } = packet
  const bytes = SPANS.map((name) => {
    const { start, end } = packet[name]
    return start < 0 ? null : [...line.subarray(start, end)]
  })
  const { mac, tcpOptions, ipOptions, inner, ...fields } = rest
  return { ...fields, src: [...src], dst: [...dst], bytes }
}
