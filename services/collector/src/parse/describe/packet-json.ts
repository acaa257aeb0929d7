/**
 * PacketJson: a packet as `picket parse --json` prints it. Absent fields are left out.
 */
import type { Verdict } from '@picket/schemas'
import type { PacketOption } from './options.ts'

/** What a packet says from SRC= on; the packet inside an ICMP error is this much. */
export interface NetworkJson {
  src: string
  dst: string
  /** IP protocol number. */
  proto: number
  spt?: number
  dpt?: number
  /** In the kernel's order. */
  flags?: string[]
  icmpType?: number
  icmpCode?: number
  len?: number
  ttl?: number
  id?: number
  window?: number
  seq?: number
  ack?: number
  tos?: number
  prec?: number
  flowLabel?: number
  df?: boolean
  mf?: boolean
  ce?: boolean
  fragmentOffset?: number
  /** Identification of an IPv6 fragment. */
  fragmentId?: number
  udpLen?: number
  res?: number
  urgp?: number
  icmpId?: number
  icmpSeq?: number
  mtu?: number
  gateway?: string
  /** Octet (ICMP) or offset (ICMPv6) that the sender could not make sense of. */
  parameter?: number
  spi?: number
  /** How many bytes of a header were there, where the kernel could not read it. */
  incompleteBytes?: number
  incomplete?: boolean
  /** IPv6 extension headers, as the kernel names them. */
  extensions?: string[]
  tcpOptions?: string
  tcpOptionList?: PacketOption[]
  ipOptions?: string
  ipOptionList?: PacketOption[]
}

export interface PacketJson extends NetworkJson {
  time: string | null
  reporter: string
  prefix: string
  verdict: Verdict
  in: string
  out: string
  physIn?: string
  physOut?: string
  /** 14 octets `dst:src:type`, for both forms of the line. */
  mac?: string
  vlanProto?: number
  vlanId?: number
  inner?: NetworkJson
  uid?: number
  gid?: number
  mark?: number
  /** The line stands for so many packets alike, where it is more than one. */
  count?: number
}
