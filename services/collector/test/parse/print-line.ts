/**
 * The kernel's printer, from fields to the line that nf_log_syslog.c would write for them.
 *
 * Written from the kernel's source and not from the scanner, so that the two can be held against each other.
 */
import fc from 'fast-check'
import type { NetworkJson, PacketJson } from '../../src/index.ts'

/** What of a packet the kernel prints: the JSON fields, and how the rule was told to print. */
export interface Printed {
  readonly json: PacketJson
  readonly macDecode: boolean
}

const hex2 = (value: number) => value.toString(16).toUpperCase().padStart(2, '0')
const field = (key: string, value: number | string | undefined) =>
  value === undefined ? '' : `${key}=${value} `

export function printBody({ json, macDecode }: Printed): string {
  const ports = field('PHYSIN', json.physIn) + field('PHYSOUT', json.physOut)
  return `IN=${json.in} OUT=${json.out} ${ports}${printMac(json, macDecode)}${printPacket(json, json.inner)}${printLocal(json)}`
}

function printMac(json: PacketJson, macDecode: boolean): string {
  if (json.mac === undefined) return ''
  if (!macDecode) return `MAC=${json.mac} `
  const octets = json.mac.split(':')
  const of = (start: number, end: number) => octets.slice(start, end).join(':')
  const vlan =
    json.vlanId === undefined
      ? ''
      : `VPROTO=${json.vlanProto?.toString(16).padStart(4, '0')} VID=${json.vlanId} `
  return `MACSRC=${of(6, 12)} MACDST=${of(0, 6)} ${vlan}MACPROTO=${octets.slice(12).join('')} `
}

function printLocal(json: PacketJson): string {
  return (
    field('UID', json.uid) + field('GID', json.gid) + (json.mark ? `MARK=0x${json.mark.toString(16)} ` : '')
  )
}

export function printPacket(json: NetworkJson, inner: NetworkJson | undefined): string {
  const addresses = json.src.includes(':')
    ? `SRC=${full(json.src)} DST=${full(json.dst)} LEN=${json.len} TC=${json.tos} HOPLIMIT=${json.ttl} FLOWLBL=${json.flowLabel} ${printExtension(json)}`
    : `SRC=${json.src} DST=${json.dst} LEN=${json.len} TOS=0x${hex2(json.tos ?? 0)} PREC=0x${hex2(json.prec ?? 0)} TTL=${json.ttl} ID=${json.id} ${printFragment(json)}`
  return addresses + printTransport(json, inner)
}

function printFragment(json: NetworkJson): string {
  const bits = `${json.ce ? 'CE ' : ''}${json.df ? 'DF ' : ''}${json.mf ? 'MF ' : ''}`
  const offset = json.fragmentOffset ? `FRAG:${json.fragmentOffset} ` : ''
  return `${bits}${offset}${json.ipOptions ? `OPT (${json.ipOptions}) ` : ''}`
}

function printExtension(json: NetworkJson): string {
  if (json.fragmentId === undefined) return ''
  return `OPT ( FRAG:${json.fragmentOffset} ${json.mf ? 'INCOMPLETE ' : ''}ID:${json.fragmentId.toString(16).padStart(8, '0')} ) `
}

const NAMES: Readonly<Record<number, string>> = { 6: 'TCP', 17: 'UDP', 136: 'UDPLITE', 50: 'ESP', 51: 'AH' }

function printTransport(json: NetworkJson, inner: NetworkJson | undefined): string {
  const isV6 = json.src.includes(':')
  const isIcmp = json.proto === (isV6 ? 58 : 1)
  const name = isIcmp ? (isV6 ? 'ICMPv6' : 'ICMP') : (NAMES[json.proto] ?? String(json.proto))
  const header = json.fragmentOffset ? '' : isIcmp ? printIcmp(json, inner) : printHeader(json)
  return `PROTO=${name} ${header}`
}

function printHeader(json: NetworkJson): string {
  if (json.incompleteBytes !== undefined) return `INCOMPLETE [${json.incompleteBytes} bytes] `
  if (json.spi !== undefined) return `SPI=0x${json.spi.toString(16)} `
  if (json.proto === 6) return printTcp(json)
  return json.spt === undefined ? '' : `SPT=${json.spt} DPT=${json.dpt} LEN=${json.udpLen} `
}

function printTcp(json: NetworkJson): string {
  const sequence = json.seq === undefined ? '' : `SEQ=${json.seq} ACK=${json.ack} `
  const flags = (json.flags ?? []).map((flag) => `${flag} `).join('')
  const options = json.tcpOptions === undefined ? '' : `OPT (${json.tcpOptions}) `
  return `SPT=${json.spt} DPT=${json.dpt} ${sequence}WINDOW=${json.window} RES=0x${hex2(json.res ?? 0).toLowerCase()} ${flags}URGP=${json.urgp} ${options}`
}

function printIcmp(json: NetworkJson, inner: NetworkJson | undefined): string {
  const echo = json.icmpId === undefined ? '' : `ID=${json.icmpId} SEQ=${json.icmpSeq} `
  const bracket = inner === undefined ? '' : `[${printPacket(inner, undefined)}] `
  return `TYPE=${json.icmpType} CODE=${json.icmpCode} ${echo}${field('PARAMETER', json.parameter)}${field('GATEWAY', json.gateway)}${bracket}${field('MTU', json.mtu)}`
}

function full(address: string): string {
  const [left = '', right] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [a, b] = [groups(left), groups(right ?? '')]
  const zeros = right === undefined ? [] : new Array(8 - a.length - b.length).fill('0')
  return [...a, ...zeros, ...b].map((group) => group.padStart(4, '0')).join(':')
}

const octet = fc.integer({ min: 0, max: 255 })
const short = fc.integer({ min: 0, max: 65_535 })
const long = fc.integer({ min: 0, max: 0xffffffff })
const v4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
/** Canonical text (RFC 5952) made by another hand: URL's. Never a mapped address, which is IPv4. */
const v6 = fc
  .array(fc.oneof(fc.constant(0), short), { minLength: 8, maxLength: 8 })
  .map((groups) =>
    new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1),
  )
  .filter((text) => !text.startsWith('::ffff:'))
const hexText = (bytes: number) =>
  fc.array(octet, { minLength: 1, maxLength: bytes }).map((parts) => parts.map(hex2).join(''))
const interfaceName = fc.string({ unit: fc.constantFrom(...'abez019.-@'), minLength: 1, maxLength: 15 })
/** Kept until fast-check knows which of the fields of an object are to be absent. */
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const FLAGS = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'] as const

const tcp = fc
  .record({
    spt: short,
    dpt: short,
    window: short,
    res: fc.integer({ min: 0, max: 63 }),
    urgp: short,
    numbers: optional(fc.tuple(long, long)),
    tcpOptions: optional(hexText(40)),
    flags: fc.subarray([...FLAGS]),
  })
  .map(({ numbers, ...rest }) => ({ proto: 6, ...rest, seq: numbers?.[0], ack: numbers?.[1] }))
const udp = fc.record({ proto: fc.constantFrom(17, 136), spt: short, dpt: short, udpLen: short })
const sealed = fc.record({ proto: fc.constantFrom(50, 51), spi: long })
const short6 = fc.record({
  proto: fc.constantFrom(6, 17, 136),
  incompleteBytes: fc.integer({ min: 0, max: 19 }),
  incomplete: fc.constant(true),
})
const other = (isV6: boolean) =>
  fc.record({ proto: octet.filter((proto) => ![1, 6, 17, 50, 51, 58, 136, isV6 ? 44 : 1].includes(proto)) })
const echo = (isV6: boolean) =>
  fc.record({
    proto: fc.constant(isV6 ? 58 : 1),
    icmpType: isV6 ? fc.constantFrom(128, 129) : fc.constantFrom(0, 8),
    icmpCode: octet,
    icmpId: short,
    icmpSeq: short,
  })
const error = (isV6: boolean) =>
  fc.record({
    proto: fc.constant(isV6 ? 58 : 1),
    icmpType: isV6 ? fc.constantFrom(1, 2, 3) : fc.constantFrom(3, 4, 11),
    icmpCode: octet,
    mtu: optional(short),
  })
const redirect = fc.record({ proto: fc.constant(1), icmpType: fc.constant(5), icmpCode: octet, gateway: v4 })

const fragment4 = fc.record({
  ce: fc.constantFrom(true, undefined),
  mf: fc.constantFrom(true, undefined),
  df: fc.boolean(),
  ipOptions: optional(hexText(40)),
})
const network4 = fc
  .tuple(
    fc.record({ src: v4, dst: v4, len: short, tos: octet, prec: octet, ttl: octet, id: short }),
    fragment4,
  )
  .map(([base, fragment]) => ({ ...base, ...fragment }))
const fragment6 = fc.option(
  fc.record({ fragmentId: long, fragmentOffset: fc.constant(0), mf: fc.constantFrom(true, undefined) }),
  { nil: {} },
)
const network6 = fc
  .tuple(
    fc.record({
      src: v6,
      dst: v6,
      len: short,
      tos: octet,
      ttl: octet,
      flowLabel: fc.integer({ min: 0, max: 0xfffff }),
    }),
    fragment6,
  )
  .map(([base, fragment]) => ({ ...base, ...fragment }))

const plain = (isV6: boolean) => fc.oneof(tcp, udp, sealed, short6, other(isV6), echo(isV6))
const family = <T>(make: (isV6: boolean) => fc.Arbitrary<T>) => fc.boolean().chain(make)
const packetOf = (isV6: boolean, transport: fc.Arbitrary<object>) =>
  fc
    .tuple(isV6 ? network6 : network4, transport)
    .map(([network, rest]) => present({ ...network, ...rest }) as NetworkJson)
const whole = (isV6: boolean) =>
  fc.oneof(
    { weight: 3, arbitrary: packetOf(isV6, plain(isV6)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          packetOf(isV6, isV6 ? error(true) : fc.oneof(error(false), redirect)),
          packetOf(isV6, plain(isV6)),
        )
        .map(([outer, inner]) => ({ ...outer, inner })),
    },
  )

const mac = fc
  .array(octet, { minLength: 12, maxLength: 12 })
  .map((octets) => octets.map((each) => hex2(each).toLowerCase()).join(':'))
const link = fc
  .record({
    in: fc.oneof(fc.constant(''), interfaceName),
    out: fc.oneof(fc.constant(''), interfaceName),
    physIn: optional(interfaceName),
    physOut: optional(interfaceName),
    mac: optional(mac),
    uid: optional(long),
    mark: optional(long.filter((mark) => mark > 0)),
  })
  .map(({ mac: octets, ...rest }) => ({
    ...rest,
    gid: rest.uid,
    mac: octets === undefined ? undefined : `${octets}:08:00`,
  }))

/** Any packet that the kernel could print, and how. Time, reporter, prefix and verdict are the envelope's. */
export const printed: fc.Arbitrary<Printed> = fc
  .tuple(family<NetworkJson>(whole), link, fc.boolean())
  .map(([network, rest, macDecode]) => ({ json: present({ ...rest, ...network }) as PacketJson, macDecode }))

function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
