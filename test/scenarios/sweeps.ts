/** Scans of many hosts: one port, a few ports, or only whether anybody is there; also outbound, forwarded and IPv6 ones. */
import type { Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import { linuxSyn, masscan, nmapTcp, nmapUdp } from './packets.ts'
import { FREQUENT } from './ports.ts'
import { DAY, logged, type Scenario, STYLES, times } from './scenario.ts'

const SRC = '198.51.100.9'

type Packet = (host: string, index: number) => Omit<Probe, 'time' | 'src' | 'dst'>

export function sweeps(random: Random): Scenario[] {
  return [
    ...[3, 4, 8, 14, 30].flatMap((count) => [22, 443, 3389].map((port) => portSweep(random, count, port))),
    ...[5, 20].map((count) => botSweep(random, count)),
    ...[4, 6, 14].map((count) => pingSweep(random, count)),
    udpSweep(random),
    echoSweep(random),
    blockScan(random),
    masscanSweep(random),
    slowSweep(random),
    outboundSweep(random),
    forwardScan(random),
    sixVertical(random),
    sixSweep(random),
    sixPrivacy(random),
    decoys(random),
    distributed(random),
  ]
}

function hosts(random: Random, count: number): string[] {
  const net = `10.${random.between(0, 200)}.${random.between(0, 200)}`
  const first = random.between(1, 250 - count)
  return random.shuffle(Array.from({ length: count }, (_, i) => `${net}.${first + i}`))
}

function sweep(
  random: Random,
  file: string,
  targets: readonly string[],
  gap: number,
  packet: Packet,
): Scenario {
  const style = random.pick(STYLES.filter((name) => name !== 'ufw'))
  const at = times(random, DAY, targets.length, gap)
  const probes = targets.flatMap((dst, i) =>
    logged(style, { time: at[i] as number, src: SRC, dst, ...packet(dst, i) }),
  )
  return { file, expect: 'alert', sources: [SRC], probes, note: `logged by ${style}` }
}

/** Browsers knock on closed web ports of a few hosts all day: fewer than eight are not told. */
const WEB_HOSTS = 8

function portSweep(random: Random, count: number, port: number): Scenario {
  const spt = random.between(33000, 60000)
  const targets = hosts(random, count)
  const scenario = sweep(random, `sweep-${port}-${count}-hosts.log`, [...targets, ...targets], 30, (_, i) =>
    nmapTcp(random, i < count ? spt : spt + 1, port),
  )
  return port === 443 && count < WEB_HOSTS ? { ...scenario, expect: 'none-or-low' } : scenario
}

function botSweep(random: Random, count: number): Scenario {
  const port = random.pick([23, 445, 5900, 6379, 8728])
  return sweep(random, `bot-sweep-${count}-hosts.log`, hosts(random, count), 3000, () =>
    linuxSyn(random, port),
  )
}

/** `nmap -sn` where echo is accepted: an ACK to 80 and a timestamp request to each, a SYN to 443 to some. */
function pingSweep(random: Random, count: number): Scenario {
  const spt = random.between(33000, 60000)
  const targets = hosts(random, count)
  const asked = [...targets, ...targets]
  return sweep(random, `ping-sweep-${count}-hosts.log`, asked, 20, (_, i) =>
    i < count
      ? nmapTcp(random, spt, 80, 'ACK')
      : { proto: 'ICMP', type: 13, len: 40, ttl: random.between(37, 60), id: random.between(1, 65535) },
  )
}

function udpSweep(random: Random): Scenario {
  const port = random.pick([161, 1900, 5060, 11211, 123])
  const spt = random.between(33000, 60000)
  return sweep(random, 'udp-sweep.log', hosts(random, 12), 50, () => nmapUdp(random, spt, port))
}

function echoSweep(random: Random): Scenario {
  return sweep(random, 'echo-sweep.log', hosts(random, 12), 200, (_, i) => ({
    proto: 'ICMP',
    type: 8,
    echo: { id: 4711, seq: i },
    len: 28,
    ttl: random.between(37, 60),
  }))
}

function blockScan(random: Random): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 10)
  const targets = hosts(random, 10)
  const pairs = random.shuffle(ports.flatMap((port) => targets.map((host) => ({ port, host }))))
  const hostsAsked = pairs.map((pair) => pair.host)
  const spt = random.between(33000, 60000)
  return sweep(random, 'block-scan.log', hostsAsked, 20, (_, i) => nmapTcp(random, spt, pairs[i]?.port ?? 0))
}

function masscanSweep(random: Random): Scenario {
  return sweep(random, 'masscan-3-ports.log', [...hosts(random, 14), ...hosts(random, 14)], 100, () =>
    masscan(random, random.pick([22, 80, 8080])),
  )
}

function slowSweep(random: Random): Scenario {
  return sweep(random, 'slow-sweep.log', hosts(random, 20), 1_800_000, () => linuxSyn(random, 22))
}

function outboundSweep(random: Random): Scenario {
  const targets = Array.from({ length: 20 }, () => `192.0.2.${random.between(1, 250)}`)
  const own = '10.20.30.40'
  const at = times(random, DAY, targets.length, 300)
  const probes = targets.map((dst, i) => ({
    time: at[i] as number,
    src: own,
    dst,
    ...linuxSyn(random, 22),
    in: '',
    out: 'eth0',
    prefix: 'OUTBOUND ',
  }))
  return { file: 'outbound-sweep.log', expect: 'alert', sources: [own], probes, note: 'our own host scans' }
}

function forwardScan(random: Random): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 40)
  const at = times(random, DAY, ports.length, 30)
  const probes = ports.map((port, i) => ({
    time: at[i] as number,
    src: SRC,
    dst: '10.9.8.7',
    ...nmapTcp(random, 44444, port),
    in: 'wan0',
    out: 'br0',
    prefix: 'FWD-DROP: ',
  }))
  return { file: 'forward-scan.log', expect: 'alert', sources: [SRC], probes, note: '' }
}

function sixVertical(random: Random): Scenario {
  const src = '2001:db8:1:2::9'
  const ports = random.shuffle(FREQUENT).slice(0, 50)
  const at = times(random, DAY, ports.length, 30)
  const probes = ports.map((port, i) => ({
    time: at[i] as number,
    src,
    dst: '2001:db8:ff::17',
    ...nmapTcp(random, 50123, port),
    len: 64,
  }))
  return { file: 'six-vertical.log', expect: 'alert', sources: [src], probes, note: '' }
}

function sixSweep(random: Random): Scenario {
  const src = '2001:db8:1:3::9'
  const at = times(random, DAY, 12, 100)
  const probes = at.map((time, i) => ({
    time,
    src,
    dst: `2001:db8:ff::${(i + 1).toString(16)}`,
    ...nmapTcp(random, 50123, 22),
    len: 64,
  }))
  return { file: 'six-sweep.log', expect: 'alert', sources: [src], probes, note: '' }
}

function sixPrivacy(random: Random): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 30)
  const at = times(random, DAY, ports.length, 500)
  const probes = ports.map((port, i) => ({
    time: at[i] as number,
    src: `2001:db8:1:4:${random.between(1, 65535).toString(16)}::${(i + 1).toString(16)}`,
    dst: '2001:db8:ff::17',
    ...linuxSyn(random, port),
    len: 80,
  }))
  const note = 'another address of one /64 for every probe: the /64 is the source'
  return { file: 'six-privacy.log', expect: 'alert', sources: ['2001:db8:1:4::1'], probes, note }
}

function decoys(random: Random): Scenario {
  const sources = ['203.0.113.5', '192.0.2.66', '198.51.100.7', '203.0.113.200', '192.0.2.3', '198.51.100.99']
  const ports = random.shuffle(FREQUENT).slice(0, 30)
  const at = times(random, DAY, ports.length, 60)
  const probes = ports.flatMap((port, i) => {
    const probe = nmapTcp(random, 40404, port)
    return sources.flatMap((src) =>
      logged('ipt', { ...probe, time: at[i] as number, src, dst: '10.9.8.7', ttl: random.between(37, 60) }),
    )
  })
  return { file: 'decoys.log', expect: 'alert', sources, probes, note: '' }
}

function distributed(random: Random): Scenario {
  const sources = Array.from({ length: 60 }, (_, i) => `198.51.100.${i + 100}`)
  const probes = sources.flatMap((src, i) =>
    [0, 1, 2, 3].flatMap((j) =>
      logged('ipt', {
        time: DAY + i * 400 + j * 90,
        src,
        dst: '10.9.8.7',
        ...nmapTcp(random, 2000 + j, i * 4 + j + 1),
      }),
    ),
  )
  return { file: 'distributed-60.log', expect: 'alert', sources, probes, note: 'four ports each' }
}
