/** Scans of many ports on few hosts, by each program, speed and rule style. */
import type { Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import { hping, linuxSyn, masscan, nmapTcp, nmapUdp } from './packets.ts'
import { FREQUENT, FREQUENT_UDP } from './ports.ts'
import { DAY, logged, type Scenario, STYLES, type Style, times } from './scenario.ts'

const SRC = '203.0.113.77'
const HOST = '10.20.30.40'

export function verticalScans(random: Random): Scenario[] {
  return [
    ...STYLES.map((style) => synScan(random, style)),
    ...['FIN', '', 'URG PSH FIN', 'ACK', 'ACK FIN'].map((flags) => stealthScan(random, flags)),
    ...['SYN FIN', 'RST SYN', 'URG ACK PSH RST SYN FIN', 'URG'].map((flags) => oddFlags(random, flags)),
    connectScan(random),
    hpingAck(random),
    masscanPorts(random),
    udpScan(random, 'nmap-udp-20.log', random.between(33000, 60000)),
    udpScan(random, 'nmap-udp-from-53.log', 53),
    synFrom(random, 'nmap-syn-from-443.log', 443),
    ...[300_000, 15_000].map((gap) => slow(random, gap, 30)),
    slow(random, 4 * 3600_000, 36),
    ufwLow(random, 'SYN'),
    ufwLow(random, ''),
    ufwLow(random, 'FIN'),
    protocolScan(random, 256),
    protocolScan(random, 12),
  ]
}

function scan(
  file: string,
  style: Style,
  at: readonly number[],
  packet: (index: number) => Omit<Probe, 'time' | 'src' | 'dst'>,
  note = '',
): Scenario {
  const probes = at.flatMap((time, index) => logged(style, { time, src: SRC, dst: HOST, ...packet(index) }))
  return { file, expect: 'alert', sources: [SRC], probes, note }
}

/** nmap asks each closed-by-drop port twice, from two source ports. */
function synScan(random: Random, style: Style): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, random.between(20, 90))
  const asked = [...ports, ...ports]
  const spt = random.between(33000, 60000)
  return scan(`nmap-syn-${style}.log`, style, times(random, DAY, asked.length, 40), (i) =>
    nmapTcp(random, spt + (i < ports.length ? 0 : 2), asked[i] as number),
  )
}

function stealthScan(random: Random, flags: string): Scenario {
  const name = flags === '' ? 'null' : flags.toLowerCase().replaceAll(' ', '-')
  const ports = random.shuffle(FREQUENT).slice(0, random.between(12, 60))
  const spt = random.between(33000, 60000)
  const style = random.pick(STYLES)
  return scan(`nmap-stealth-${name}.log`, style, times(random, DAY, ports.length, 60), (i) =>
    nmapTcp(random, spt, ports[i] as number, flags),
  )
}

function oddFlags(random: Random, flags: string): Scenario {
  const first = random.between(1, 50000)
  const spt = random.between(1100, 3000)
  return scan(
    `hping-${flags.toLowerCase().replaceAll(' ', '-')}.log`,
    'ipt',
    times(random, DAY, 30, 100),
    (i) => hping(random, spt + i, first + i, flags),
  )
}

function connectScan(random: Random): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 40)
  return scan('nmap-connect.log', 'ufw-high', times(random, DAY, ports.length, 30), (i) =>
    linuxSyn(random, ports[i] as number),
  )
}

function hpingAck(random: Random): Scenario {
  const spt = random.between(1100, 3000)
  const first = random.between(1, 900)
  return scan(
    'hping-ack-rising.log',
    'ipt',
    times(random, DAY, 40, 100),
    (i) => hping(random, spt + i, first + i, 'ACK'),
    'source and destination port rise together',
  )
}

function masscanPorts(random: Random): Scenario {
  return scan('masscan-vertical.log', 'nft', times(random, DAY, 120, 10), () =>
    masscan(random, random.between(1, 10000)),
  )
}

function udpScan(random: Random, file: string, spt: number): Scenario {
  const ports = random.shuffle(FREQUENT_UDP.filter((port) => port < 1024)).slice(0, 20)
  return scan(file, 'ipt', times(random, DAY, ports.length, 400), (i) =>
    nmapUdp(random, spt, ports[i] as number),
  )
}

function synFrom(random: Random, file: string, spt: number): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 50)
  return scan(file, 'ipt', times(random, DAY, ports.length, 40), (i) =>
    nmapTcp(random, spt, ports[i] as number),
  )
}

function slow(random: Random, gap: number, count: number): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, count)
  const spt = random.between(33000, 60000)
  const start = DAY - gap * count
  return scan(
    `slow-${gap / 1000}s.log`,
    'ipt',
    times(random, start, count, gap),
    (i) => nmapTcp(random, spt, ports[i] as number),
    'nmap -T0 is 300 s, -T1 15 s; the slowest runs over six days',
  )
}

/** UFW's default level: `limit 3/min burst 10` lets ten lines through at once, then one in 20 s. */
function ufwLow(random: Random, flags: string): Scenario {
  const ports = random.shuffle(FREQUENT)
  const spt = random.between(33000, 60000)
  const at = times(random, DAY, 10, 5)
  return scan(`ufw-low-${flags === '' ? 'null' : flags.toLowerCase()}.log`, 'ufw', at, (i) =>
    nmapTcp(random, spt, ports[i] as number, flags),
  )
}

function protocolScan(random: Random, count: number): Scenario {
  const numbers = random
    .shuffle(
      Array.from({ length: 256 }, (_, i) => i).filter((n) => ![0, 1, 6, 17, 50, 51, 58, 136].includes(n)),
    )
    .slice(0, count)
  return scan(`protocols-${count}.log`, 'ipt', times(random, DAY, numbers.length, 200), (i) => ({
    proto: numbers[i] as number,
    len: 20,
    ttl: random.between(37, 60),
    id: random.between(1, 65535),
  }))
}
