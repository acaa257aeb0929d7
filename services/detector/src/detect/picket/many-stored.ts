/**
 * ManyContacts as bytes, and back. Some KiB for most; what is told by bits or bytes goes as it lies.
 */
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { Sketch } from '../sketch.ts'
import { FewOf } from './few-of.ts'
import { HostSet } from './host-set.ts'
import { ManyContacts } from './many-contacts.ts'
import { Pace } from './pace.ts'
import type { PicketPolicy } from './policy.ts'
import { PortSet } from './port-set.ts'

const IS = { vertical: 1, sweep: 2, protocols: 4, hostSketch: 8 } as const
/** IP protocols, and shapes without a port: every ICMP type and bare protocol. */
const MOST_PROTOCOLS = 256
const MOST_BARE = 1024
const PORT_SLOTS = 256

export function storeMany(many: ManyContacts, into: ByteWriter): void {
  into.reserve(1)
  into.byte(
    (many.sawVertical ? IS.vertical : 0) |
      (many.isSweep ? IS.sweep : 0) |
      (many.sawProtocols ? IS.protocols : 0) |
      (many.hostSketch === null ? 0 : IS.hostSketch),
  )
  many.hostSet.store(into)
  many.pace.store(into)
  many.hostSketch?.store(into)
  many.pairs.store(into)
  many.tcp.store(into)
  many.udp.store(into)
  into.reserve(8)
  into.varint(many.others.size)
  for (const [proto, ports] of many.others) {
    into.reserve(8)
    into.varint(proto)
    ports.store(into)
  }
  storeNumbers([...many.bare], into)
  storeNumbers([...many.protocolSet], into)
  into.sparse(many.portHosts, 0, PORT_SLOTS)
  for (const few of [many.stealth, many.syn, many.icmpHosts]) storeNumbers(few.pack() as number[], into)
}

export function restoreMany(reader: ByteReader, policy: PicketPolicy): ManyContacts {
  const is = reader.byte()
  const hosts = HostSet.restore(reader)
  const many = new ManyContacts(hosts.addressWords, policy, Pace.restore(reader))
  many.hostSet = hosts
  many.sawVertical = (is & IS.vertical) !== 0
  many.isSweep = (is & IS.sweep) !== 0
  many.sawProtocols = (is & IS.protocols) !== 0
  if ((is & IS.hostSketch) !== 0) many.hostSketch = Sketch.restore(reader)
  many.pairs = Sketch.restore(reader)
  restorePorts(many, reader)
  many.bare = new Set(readNumbers(reader, MOST_BARE))
  many.protocolSet = new Set(readNumbers(reader, MOST_PROTOCOLS))
  reader.sparse(many.portHosts, 0, PORT_SLOTS)
  many.stealth = restoreFew(policy.kinds.stealthContacts, reader)
  many.syn = restoreFew(policy.banContacts, reader)
  many.icmpHosts = restoreFew(policy.kinds.icmpHosts, reader)
  return many
}

function restorePorts(many: ManyContacts, reader: ByteReader): void {
  many.tcp = PortSet.restore(reader)
  many.udp = PortSet.restore(reader)
  many.portCount = many.tcp.size + many.udp.size
  for (let left = reader.count(MOST_PROTOCOLS); left > 0; left--) {
    const proto = reader.count(MOST_PROTOCOLS - 1)
    const ports = PortSet.restore(reader)
    many.others.set(proto, ports)
    many.portCount += ports.size
  }
}

/** int32 words, in the order they are in. */
function storeNumbers(numbers: readonly number[], into: ByteWriter): void {
  into.reserve(8 + 4 * numbers.length)
  into.varint(numbers.length)
  for (const number of numbers) into.int32(number)
}

function readNumbers(reader: ByteReader, most: number): number[] {
  const length = reader.count(Math.min(most, reader.rest))
  return Array.from({ length }, () => reader.int32())
}

function restoreFew(limit: number, reader: ByteReader): FewOf {
  return FewOf.unpack(limit, readNumbers(reader, MOST_MEMBERS))
}

/** A policy may ask for more than ours does. */
const MOST_MEMBERS = 65_536
