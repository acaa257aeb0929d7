/**
 * The kernel's line for one ulogd record: IN= … PROTO= … in the kernel's order.
 *
 * Values are copied as they stand, and none may hold a blank: it would let a value bring in
 * keys of its own.
 */
import { decimal, digitsEnd } from '../body/digits.ts'
import type { Scratch } from './scratch.ts'
import { ULOGD_KEYS, type UlogdKey } from './ulogd-keys.ts'

const INDEX = Object.fromEntries(ULOGD_KEYS.map((key, index) => [key, index])) as Record<UlogdKey, number>
/** ip.fragoff is the whole 16-bit field (RFC 791 3.1). */
const OFFSET_BITS = 0x1fff
const IPPROTO = { icmp: 1, tcp: 6, udp: 17, esp: 50, ah: 51, icmp6: 58 } as const
const FLAGS = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'] as const
const FLAG_KEYS = [
  'tcp.cwr',
  'tcp.ece',
  'tcp.urg',
  'tcp.ack',
  'tcp.psh',
  'tcp.rst',
  'tcp.syn',
  'tcp.fin',
] as const
/** Netfilter hooks (linux/netfilter.h): no input interface at 3 and 4, no output interface at 0 and 1. */
const HOOK = { input: 1, output: 3 } as const

export class UlogdLine {
  private readonly scratch: Scratch
  private bytes: Uint8Array = new Uint8Array(0)
  private readonly starts: Int32Array = new Int32Array(ULOGD_KEYS.length)
  private readonly ends: Int32Array = new Int32Array(ULOGD_KEYS.length)
  private clean = true

  constructor(scratch: Scratch) {
    this.scratch = scratch
  }

  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.starts.fill(-1)
    this.ends.fill(-1)
  }

  /** False when the record has this key already. */
  set(key: number, start: number, end: number): boolean {
    if ((this.starts[key] as number) >= 0) return false
    this.starts[key] = start
    this.ends[key] = end
    return true
  }

  has(key: UlogdKey): boolean {
    return (this.starts[INDEX[key]] as number) >= 0
  }

  startOf(key: UlogdKey): number {
    return Math.max(this.starts[INDEX[key]] as number, 0)
  }

  endOf(key: UlogdKey): number {
    return Math.max(this.ends[INDEX[key]] as number, 0)
  }

  /** Appends the line to the scratch buffer; false when a value could not stand in one. */
  write(): boolean {
    this.clean = true
    this.writeLink()
    this.pair(' SRC=', 'src_ip')
    this.pair(' DST=', 'dest_ip')
    if (this.has('ip6.hoplimit') || this.has('ip6.payloadlen')) this.writeIpv6()
    else this.writeIpv4()
    this.writeTransport()
    if (this.has('oob.uid')) this.pair(' UID=', 'oob.uid')
    if (this.has('oob.gid')) this.pair(' GID=', 'oob.gid')
    if (this.number('oob.mark') > 0) this.hex(' MARK=0x', this.number('oob.mark'))
    this.scratch.push(32)
    return this.clean
  }

  private writeLink(): void {
    const hook = this.number('oob.hook')
    this.scratch.word('IN=')
    if (hook < HOOK.output) this.interfaceName('oob.in', 'oob.ifindex_in')
    this.scratch.word(' OUT=')
    if (hook < 0 || hook > HOOK.input) this.interfaceName('oob.out', 'oob.ifindex_out')
    if (this.has('mac.str')) this.pair(' MAC=', 'mac.str')
    else if (this.has('raw.mac')) this.pair(' MAC=', 'raw.mac')
  }

  /** Without ulogd's IFINDEX plugin only the number is known; it still says that there is an interface. */
  private interfaceName(name: UlogdKey, index: UlogdKey): void {
    if (this.has(name)) this.pair('', name)
    else if (this.number(index) > 0) this.pair('if', index)
  }

  private writeIpv4(): void {
    this.pair(' LEN=', 'ip.totlen')
    const tos = this.number('ip.tos')
    if (tos >= 0) {
      this.hex(' TOS=0x', tos & 0x1e, 2)
      this.hex(' PREC=0x', tos & 0xe0, 2)
    }
    this.pair(' TTL=', 'ip.ttl')
    this.pair(' ID=', 'ip.id')
    const fragment = Math.max(this.number('ip.fragoff'), 0)
    if ((fragment & 0x8000) !== 0) this.scratch.word(' CE')
    if ((fragment & 0x4000) !== 0) this.scratch.word(' DF')
    if ((fragment & 0x2000) !== 0) this.scratch.word(' MF')
    if ((fragment & OFFSET_BITS) !== 0) this.decimal(' FRAG:', fragment & OFFSET_BITS)
    this.pair(' PROTO=', 'ip.protocol')
  }

  private writeIpv6(): void {
    if (this.has('ip6.payloadlen')) this.decimal(' LEN=', this.number('ip6.payloadlen') + 40)
    this.pair(' TC=', 'ip6.priority')
    this.pair(' HOPLIMIT=', 'ip6.hoplimit')
    this.pair(' FLOWLBL=', 'ip6.flowlabel')
    if (this.has('ip6.fragid')) {
      this.decimal(' OPT ( FRAG:', Math.max(this.number('ip6.fragoff'), 0))
      this.hex(' ID:', this.number('ip6.fragid'))
      this.scratch.word(' )')
    }
    this.pair(' PROTO=', this.has('ip6.nexthdr') ? 'ip6.nexthdr' : 'ip.protocol')
  }

  private writeTransport(): void {
    const proto = this.number(this.has('ip6.nexthdr') ? 'ip6.nexthdr' : 'ip.protocol')
    switch (proto) {
      case IPPROTO.icmp:
        this.writeIcmp('icmp')
        return
      case IPPROTO.icmp6:
        this.writeIcmp('icmpv6')
        return
      case IPPROTO.esp:
      case IPPROTO.ah:
        if (this.has('ahesp.spi')) this.hex(' SPI=0x', this.number('ahesp.spi'))
        return
    }
    if (this.has('src_port')) this.writePorts(proto)
    else if (proto === IPPROTO.tcp || proto === IPPROTO.udp) this.scratch.word(' INCOMPLETE')
  }

  private writePorts(proto: number): void {
    this.pair(' SPT=', 'src_port')
    this.pair(' DPT=', 'dest_port')
    if (proto !== IPPROTO.tcp) {
      this.pair(' LEN=', 'udp.len')
      return
    }
    this.pair(' SEQ=', 'tcp.seq')
    this.pair(' ACK=', 'tcp.ackseq')
    this.pair(' WINDOW=', 'tcp.window')
    for (let i = 0; i < FLAGS.length; i++) {
      if (this.isSet(FLAG_KEYS[i] as UlogdKey)) this.scratch.word(` ${FLAGS[i]}`)
    }
    if (this.has('tcp.urgp')) this.pair(' URGP=', 'tcp.urgp')
    else this.scratch.word(' URGP=0')
  }

  private writeIcmp(family: 'icmp' | 'icmpv6'): void {
    if (!this.has(`${family}.type`)) {
      this.scratch.word(' INCOMPLETE')
      return
    }
    this.pair(' TYPE=', `${family}.type`)
    this.pair(' CODE=', `${family}.code`)
    if (this.has(`${family}.echoid`)) {
      this.pair(' ID=', `${family}.echoid`)
      this.pair(' SEQ=', `${family}.echoseq`)
    }
    if (this.has('icmp.fragmtu')) this.pair(' MTU=', 'icmp.fragmtu')
  }

  /** Key and value, where the record has it. */
  private pair(key: string, name: UlogdKey): void {
    if (!this.has(name)) return
    this.scratch.word(key)
    const end = this.endOf(name)
    for (let at = this.startOf(name); at < end; at++) {
      const byte = this.bytes[at] as number
      if (byte <= 32 || byte === 92 /* \ */) this.clean = false
      this.scratch.push(byte)
    }
  }

  private decimal(key: string, value: number): void {
    this.scratch.word(key)
    this.scratch.word(String(value))
  }

  private hex(key: string, value: number, digits?: number): void {
    this.scratch.word(key)
    this.scratch.word(value.toString(16).padStart(digits ?? 1, '0'))
  }

  private isSet(name: UlogdKey): boolean {
    return (
      this.has(name) &&
      (this.bytes[this.startOf(name)] === 49 /* 1 */ || this.bytes[this.startOf(name)] === 116)
    )
  }

  /** -1 where the record has no such number. */
  private number(name: UlogdKey): number {
    if (!this.has(name)) return -1
    const start = this.startOf(name)
    const end = Math.min(this.endOf(name), start + 15)
    return end > start && digitsEnd(this.bytes, start, end) === end ? decimal(this.bytes, start, end) : -1
  }
}
