/**
 * Log lines like those of psad's own test suite, made here: same addresses, ports and counts, none of its files.
 *
 * Rows of its table that only a signature decides (ms_sql v4 and v6, fwknop, reputation, and the
 * level 2 that sid 384 gives to a plain ping) belong to the issue that adds signatures.
 */
import { logLine, type Probe } from '../generate/log-line.ts'

export const SCANNER = '192.168.10.55'
export const VICTIM = '192.168.10.1'
export const SIX_SCANNER = '2001:db8:0:f101::2'
export const SIX_VICTIM = '2001:db8:0:f101::1'

type Parts = Omit<Probe, 'time' | 'src' | 'dst'>

const START = Date.UTC(2026, 2, 8, 12, 0, 0)
/** 20 packets a second: a whole case fits in a few check intervals. */
const GAP_MS = 50

export function linesOf(probes: readonly Omit<Probe, 'time'>[]): string {
  return probes.map((probe, i) => `${logLine({ ...probe, time: START + i * GAP_MS })}\n`).join('')
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function syn(dpt: number, id: number): Parts {
  return {
    proto: 'TCP',
    spt: 47388,
    dpt,
    flags: 'SYN',
    id,
    window: 1024,
    options: '020405B4',
    prefix: 'DROP ',
    in: 'eth1',
  }
}

/** 501 ports, each asked twice. */
export function synScan(src: string = SCANNER, dsts: readonly string[] = [VICTIM]): string {
  const ports = range(1000, 1500)
  return linesOf(
    dsts.flatMap((dst) => [...ports, ...ports].map((port, i) => ({ src, dst, ...syn(port, i + 1) }))),
  )
}

/** One port of eleven hosts, one of them twice. */
export function synSweep(): string {
  const hosts = [
    ...['192.168.10.1', '192.168.10.2', '192.168.10.3', '192.168.10.3', '192.168.10.100', '192.168.10.101'],
    ...['192.168.10.200', '192.168.10.232', '192.168.10.244', '10.0.0.1', '10.0.0.3', '10.0.0.201'],
  ]
  return linesOf(hosts.map((dst, i) => ({ src: SCANNER, dst, ...syn(1083, i + 1) })))
}

/** 151 ports, each asked twice, with other flags than SYN. */
export function flagScan(flags: string): string {
  const ports = range(1000, 1150)
  return linesOf(
    [...ports, ...ports].map((dpt, i) => ({
      src: SCANNER,
      dst: VICTIM,
      ...{ proto: 'TCP', spt: 57066, dpt, flags, len: 40, id: i + 1, window: 2048 },
    })),
  )
}

export function udpScan(): string {
  const ports = range(1000, 1150)
  return linesOf(
    [...ports, ...ports].map((dpt, i) => ({
      src: SCANNER,
      dst: VICTIM,
      ...{ proto: 'UDP', spt: 62409, dpt, len: 28, id: i + 1, in: 'eth1' },
    })),
  )
}

/** `nmap -sO`: 255 protocols, each twice; TCP as a bare ACK, AH, ESP and UDPLITE by name and without a header. */
export function protocolScan(): string {
  const named: Readonly<Record<number, string>> = { 50: 'ESP', 51: 'AH', 136: 'UDPLITE' }
  const once = range(0, 255)
    .filter((number) => number !== 1)
    .map((number): Omit<Probe, 'time'> => {
      const ends = { src: SCANNER, dst: VICTIM, len: 20 }
      if (number === 6) return { ...ends, proto: 'TCP', spt: 39480, dpt: 80, flags: 'ACK', len: 40 }
      if (number === 17) return { ...ends, proto: 'UDP', spt: 39480, dpt: 40125, len: 28 }
      return { ...ends, proto: number }
    })
  return linesOf([...once, ...once]).replace(
    /PROTO=(50|51|136) \n/g,
    (_, number: string) => `PROTO=${named[Number(number)]} INCOMPLETE [0 bytes] \n`,
  )
}

/** Ten SYNs to telnet, then one to the second port that the Mirai worm tries. */
export function miraiScan(): string {
  const ports = [...new Array<number>(10).fill(23), 2323]
  return linesOf(ports.map((port, i) => ({ src: SCANNER, dst: VICTIM, ...syn(port, i + 1) })))
}

export function ping(code: number): string {
  return linesOf(
    range(1, 5).map((seq) => ({
      src: SCANNER,
      dst: VICTIM,
      ...{ proto: 'ICMP' as const, type: 8, code, echo: { id: 12345, seq }, len: 84, id: seq },
    })),
  )
}

/** Neighbour solicitations, as a ping over IPv6 sends them first. */
export function neighbourSolicitations(code: number): string {
  const dst = 'ff02::1:ff00:1'
  const parts = { proto: 'ICMPv6' as const, type: 135, code, len: 72, ttl: 255 }
  return linesOf([1, 2].map(() => ({ src: SIX_SCANNER, dst, ...parts })))
}

/** Valid neighbour discovery of one source, so many packets to each of its neighbours. */
export function neighbourTalk(...packets: readonly number[]): string {
  const parts = { proto: 'ICMPv6' as const, type: 135, code: 0, len: 72, ttl: 255 }
  return linesOf(
    packets.flatMap((count, neighbour) =>
      new Array<number>(count)
        .fill(0)
        .map(() => ({ src: SIX_SCANNER, dst: `2001:db8:0:f101::${neighbour + 10}`, ...parts })),
    ),
  )
}

export function sixConnectScan(): string {
  const ports = [...range(1, 1001), 65389]
  return linesOf(
    ports.map((port, i) => ({ src: SIX_SCANNER, dst: SIX_VICTIM, ...syn(port, i + 1), len: 80 })),
  )
}

/** Topera's SYN scan: with `--log-ip-options` every line carries its row of empty extension headers. */
export function toperaScan(withOptions: boolean): string {
  const text = linesOf(
    range(0, 1023).map((port, i) => ({ src: SIX_SCANNER, dst: SIX_VICTIM, ...syn(port, i + 1), len: 124 })),
  )
  return withOptions ? text.replaceAll('FLOWLBL=0 ', `FLOWLBL=0 ${'OPT ( ) '.repeat(9)}`) : text
}

/** IGMP queries, with a prefix that no blank ends (Shorewall's). */
export function igmpQueries(): string {
  return linesOf(
    range(1, 4).map(() => ({
      src: SCANNER,
      dst: '224.0.0.1',
      ...{ proto: 2, len: 32, ttl: 1, prefix: 'Shorewall:net2all:DROP:' },
    })),
  )
}

/** Six lines of RFC 3339 syslog; no source has five packets. */
export function isoTimes(): string {
  return range(1, 6)
    .map((i) => {
      const probe = { src: `192.168.10.${50 + i}`, dst: VICTIM, ...syn(1000 + i, i), time: START }
      const text = logLine(probe)
      return `2015-03-08T12:0${i}:00.123456-04:00 servername kernel: ${text.slice(text.indexOf('DROP '))}\n`
    })
    .join('')
}
