/**
 * The complete decoding of a packet, for people and for `parse --json`.
 *
 * Cold: it makes strings and objects, and walks the body's tokens again for what the scanner stepped over.
 * The packet must be the one that was parsed last, for its spans point into the reader's bytes.
 */
import {
  FRAGMENT,
  flagNames,
  isoText,
  newPacket,
  type Packet,
  printAddress,
  type Span,
} from '@picket/schemas'
import { macText } from '../body/hardware-address.ts'
import { BodyScanner } from '../body/scan-body.ts'
import { coldFields } from './cold-fields.ts'
import { decodeIpOptions, decodeTcpOptions } from './options.ts'
import type { NetworkJson, PacketJson } from './packet-json.ts'

export function describePacket(packet: Packet): PacketJson {
  const { start, end } = packet.body
  const cold = coldFields(
    textOf(packet, { start, end }),
    packet.inner.start - start,
    packet.inner.end - start,
  )
  const inner = describeInner(packet)
  const mac = macText(packet)
  return {
    time: Number.isNaN(packet.time) ? null : isoText(packet.time),
    reporter: packet.reporter,
    prefix: packet.prefix,
    verdict: packet.verdict,
    in: packet.in,
    out: packet.out,
    ...cold.link,
    ...(mac === '' ? {} : { mac }),
    ...describeNetwork(packet),
    ...cold.network,
    ...(inner === undefined ? {} : { inner }),
    ...cold.local,
    ...(packet.count > 1 ? { count: packet.count } : {}),
  }
}

/** Hot fields that are numbers, under the name that both forms share; ports and flags are told first. */
const NUMBERS = [
  'icmpType',
  'icmpCode',
  'len',
  'ttl',
  'id',
  'window',
  'seq',
  'ack',
  'tos',
  'udpLen',
  'icmpId',
  'icmpSeq',
  'fragmentOffset',
] as const

function describeNetwork(packet: Packet): NetworkJson {
  const json: NetworkJson = {
    src: printAddress(packet.src),
    dst: printAddress(packet.dst),
    proto: packet.proto,
  }
  if (packet.spt >= 0) json.spt = packet.spt
  if (packet.dpt >= 0) json.dpt = packet.dpt
  if (packet.flags >= 0) json.flags = flagNames(packet.flags)
  for (const name of NUMBERS) {
    if (packet[name] >= 0) json[name] = packet[name]
  }
  if (packet.id >= 0) json.df = (packet.fragment & FRAGMENT.DF) !== 0
  if ((packet.fragment & FRAGMENT.MF) !== 0) json.mf = true
  if ((packet.fragment & FRAGMENT.CE) !== 0) json.ce = true
  if (packet.incomplete) json.incomplete = true
  return { ...json, ...describeOptions(packet) }
}

function describeOptions(packet: Packet): Partial<NetworkJson> {
  const json: Partial<NetworkJson> = {}
  if (packet.tcpOptions.start >= 0) {
    json.tcpOptions = textOf(packet, packet.tcpOptions)
    json.tcpOptionList = decodeTcpOptions(json.tcpOptions)
  }
  if (packet.ipOptions.start >= 0) {
    json.ipOptions = textOf(packet, packet.ipOptions)
    json.ipOptionList = decodeIpOptions(json.ipOptions)
  }
  return json
}

/** The packet that an ICMP error speaks of; undefined where the kernel could not print it whole. */
function describeInner(packet: Packet): NetworkJson | undefined {
  const { start, end } = packet.inner
  if (start < 0) return undefined
  const inner = newPacket()
  inner.line = packet.line
  if (new BodyScanner().scanPacket(packet.line, start, end, inner) < 0) return undefined
  return { ...describeNetwork(inner), ...coldFields(textOf(packet, packet.inner), -1, -1).network }
}

function textOf(packet: Packet, span: Span): string {
  return Buffer.from(packet.line.buffer, packet.line.byteOffset + span.start, span.end - span.start).toString(
    'latin1',
  )
}
