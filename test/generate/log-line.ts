/**
 * Firewall log lines as the kernel writes them (net/netfilter/nf_log_syslog.c), for made captures.
 *
 * This is written from the kernel's order of fields and independent of Picket's parser, so a fault
 * in one does not hide in the other. Every line ends in one blank, as the kernel's do.
 */
export interface Probe {
  /** ms since 1970 UTC. */
  readonly time: number
  readonly src: string
  readonly dst: string
  readonly proto: 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6' | number
  readonly spt?: number
  readonly dpt?: number
  /** As printed: `SYN`, `ACK FIN`, or '' for a NULL packet. */
  readonly flags?: string
  readonly type?: number
  readonly code?: number
  readonly echo?: { readonly id: number; readonly seq: number }
  /** The packet inside an ICMP error, in the kernel's words and without the brackets. */
  readonly inner?: string
  readonly len?: number
  readonly ttl?: number
  readonly id?: number
  readonly df?: boolean
  readonly window?: number
  /** Hex digits; what `--log-tcp-options` adds. */
  readonly options?: string
  /** Only for rules with `--log-tcp-sequence`. */
  readonly seq?: number
  readonly ack?: number
  readonly prefix?: string
  readonly in?: string
  readonly out?: string
  /** 14 octets `dst:src:type`; '' leaves MAC= out. */
  readonly mac?: string
  readonly host?: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MAC = 'ca:55:ef:21:3c:e3:92:94:a4:2c:b8:dd'

/** One line with a BSD syslog head in UTC (RFC 3164) and the kernel's uptime stamp; no line end. */
export function logLine(probe: Probe): string {
  const time = new Date(probe.time)
  const day = String(time.getUTCDate()).padStart(2)
  const clock = time.toISOString().slice(11, 19)
  const uptime = ((probe.time / 1000) % 10_000_000).toFixed(6).padStart(12)
  const head = `${MONTHS[time.getUTCMonth()]} ${day} ${clock} ${probe.host ?? 'host1'} kernel: [${uptime}] `
  return head + firewallText(probe)
}

/** What the kernel writes, from the prefix on. */
export function firewallText(probe: Probe): string {
  const six = probe.src.includes(':')
  const mac = probe.mac ?? (probe.in === '' ? '' : `${MAC}:${six ? '86:dd' : '08:00'}`)
  const link = `IN=${probe.in ?? 'eth0'} OUT=${probe.out ?? ''} ${mac === '' ? '' : `MAC=${mac} `}`
  return `${probe.prefix ?? 'DROP '}${link}${six ? ip6(probe) : ip4(probe)}${transport(probe)}`
}

function ip4(p: Probe): string {
  const df = p.df === true ? 'DF ' : ''
  return (
    `SRC=${p.src} DST=${p.dst} LEN=${p.len ?? 44} TOS=0x00 PREC=0x00 TTL=${p.ttl ?? 52} ID=${p.id ?? 0} ${df}` +
    `PROTO=${p.proto} `
  )
}

function ip6(p: Probe): string {
  return (
    `SRC=${fullForm(p.src)} DST=${fullForm(p.dst)} LEN=${p.len ?? 64} TC=0 HOPLIMIT=${p.ttl ?? 52} FLOWLBL=0 ` +
    `PROTO=${p.proto} `
  )
}

function transport(p: Probe): string {
  if (p.proto === 'TCP') return tcp(p)
  if (p.proto === 'UDP') return `SPT=${p.spt} DPT=${p.dpt} LEN=${Math.max((p.len ?? 44) - 20, 8)} `
  if (p.proto === 'ICMP' || p.proto === 'ICMPv6') return icmp(p)
  return ''
}

function tcp(p: Probe): string {
  const sequence = p.seq === undefined ? '' : `SEQ=${p.seq} ACK=${p.ack ?? 0} `
  const flags = p.flags === undefined ? 'SYN ' : p.flags === '' ? '' : `${p.flags} `
  const options = p.options === undefined ? '' : `OPT (${p.options}) `
  return `SPT=${p.spt} DPT=${p.dpt} ${sequence}WINDOW=${p.window ?? 1024} RES=0x00 ${flags}URGP=0 ${options}`
}

function icmp(p: Probe): string {
  const echo = p.echo === undefined ? '' : `ID=${p.echo.id} SEQ=${p.echo.seq} `
  const inner = p.inner === undefined ? '' : `[${p.inner} ] `
  return `TYPE=${p.type} CODE=${p.code ?? 0} ${echo}${inner}`
}

/** Eight full groups, as the kernel prints IPv6. */
export function fullForm(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...new Array<string>(gap).fill('0'), ...right]
  return groups.map((group) => group.padStart(4, '0')).join(':')
}
