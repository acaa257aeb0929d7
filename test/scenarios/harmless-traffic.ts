/**
 * Harmless: what a network does by itself and what ordinary users do: broadcasts, neighbour discovery, traceroute,
 * health checks, peers of a file share, clients that try again.
 *
 * The first packet of each is as unasked-for as a scanner's; what differs is that it stays with a port or two.
 */
import type { Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import { linuxSyn, nmapTcp, udpReply } from './packets.ts'
import { FREQUENT } from './ports.ts'
import { DAY, logged, type Scenario, type Style, times } from './scenario.ts'

type Packet = (index: number) => Omit<Probe, 'time'>

export function harmlessTraffic(random: Random): Scenario[] {
  return [
    segmentNoise(random),
    neighbourDiscovery(random),
    traceroute(random, 'udp'),
    traceroute(random, 'icmp'),
    traceroute(random, 'tcp'),
    healthCheck(random),
    retries(random),
    peers(random),
    ident(random),
    monitor(random),
    allowedTraffic(random),
    ownResolvers(random),
    mixed(random),
  ]
}

function none(file: string, style: Style, at: readonly number[], packet: Packet, note: string): Scenario {
  const probes = at.flatMap((time, i) => logged(style, { time, ...packet(i) }))
  return { file, expect: 'none', sources: [], probes, note }
}

/** Service announcements of one segment: mDNS, SSDP, LLMNR, NetBIOS, DHCP, Dropbox, Spotify, Steam. */
const ANNOUNCED: readonly (readonly [string, number, string])[] = [
  ['224.0.0.251', 5353, '01:00:5e:00:00:fb'],
  ['239.255.255.250', 1900, '01:00:5e:7f:ff:fa'],
  ['224.0.0.252', 5355, '01:00:5e:00:00:fc'],
  ['10.20.30.255', 137, 'ff:ff:ff:ff:ff:ff'],
  ['10.20.30.255', 138, 'ff:ff:ff:ff:ff:ff'],
  ['255.255.255.255', 67, 'ff:ff:ff:ff:ff:ff'],
  ['255.255.255.255', 17500, 'ff:ff:ff:ff:ff:ff'],
  ['10.20.30.255', 57621, 'ff:ff:ff:ff:ff:ff'],
  ['255.255.255.255', 27036, 'ff:ff:ff:ff:ff:ff'],
]

function segmentNoise(random: Random): Scenario {
  return none(
    'segment-noise.log',
    'ipt',
    times(random, DAY, 600, 3000),
    () => {
      const [dst, dpt, to] = random.pick(ANNOUNCED)
      const mac = `${to}:5a:c1:27:13:41:fe:08:00`
      return { src: `10.20.30.${random.between(50, 70)}`, dst, mac, ...udpReply(random, dpt, dpt) }
    },
    'twenty machines of one segment',
  )
}

function neighbourDiscovery(random: Random): Scenario {
  return none(
    'neighbour-discovery.log',
    'nft',
    times(random, DAY, 300, 2000),
    () => {
      const type = random.pick([133, 134, 135, 135, 136, 143])
      const dst = type === 136 ? '2001:db8:ff::17' : type === 135 ? 'ff02::1:ff00:17' : 'ff02::16'
      const mac = '33:33:ff:00:00:17:5a:c1:27:13:41:fe:86:dd'
      const src = `fe80::${random.between(1, 40)}`
      return { src, dst, proto: 'ICMPv6', type, len: 72, ttl: 255, mac }
    },
    '',
  )
}

/** One traceroute to one host: UDP and ICMP raise the TTL, TCP asks one port. */
function traceroute(random: Random, by: 'udp' | 'icmp' | 'tcp'): Scenario {
  const at = times(random, DAY, 60, 50)
  const scenario = none(
    `traceroute-${by}.log`,
    'ipt',
    at,
    (i) => {
      const ends = { src: '198.51.100.33', dst: '10.20.30.40', ttl: Math.floor(i / 3) + 1 }
      if (by === 'udp')
        return { ...ends, proto: 'UDP', spt: 40000 + random.between(0, 9999), dpt: 33434 + i, len: 60 }
      if (by === 'icmp') return { ...ends, proto: 'ICMP', type: 8, echo: { id: 99, seq: i }, len: 60 }
      return { ...ends, ...linuxSyn(random, 80), ttl: Math.floor(i / 3) + 1 }
    },
    'the hops before the last are routers and log nothing',
  )
  return { ...scenario, expect: 'none-or-low', sources: ['198.51.100.33'] }
}

function healthCheck(random: Random): Scenario {
  const balancers = ['10.20.0.5', '10.20.0.6', '10.20.0.7']
  return none(
    'health-check.log',
    'ipt',
    times(random, DAY, 720, 5000),
    (i) => ({
      src: balancers[i % 3] as string,
      dst: '10.20.30.40',
      ...linuxSyn(random, i % 2 === 0 ? 8080 : 8443),
    }),
    'two ports that are down, an hour',
  )
}

function retries(random: Random): Scenario {
  return none(
    'client-retries.log',
    'ufw-high',
    times(random, DAY, 300, 4000),
    () => ({
      src: `198.51.100.${random.between(1, 30)}`,
      dst: '10.20.30.40',
      ...linuxSyn(random, random.pick([443, 443, 80])),
    }),
    'browsers that try a web server which is down',
  )
}

function peers(random: Random): Scenario {
  return none(
    'peers.log',
    'ipt',
    times(random, DAY, 500, 1000),
    (i) => {
      const src = `100.64.${random.between(0, 3)}.${random.between(1, 254)}`
      const parts =
        i % 3 === 0 ? linuxSyn(random, 51413) : { ...udpReply(random, random.between(1025, 65000), 51413) }
      return { src, dst: '10.20.30.40', ...parts }
    },
    'a file share that was closed; its peers still call',
  )
}

function ident(random: Random): Scenario {
  return none(
    'ident.log',
    'ufw',
    times(random, DAY, 60, 20_000),
    () => ({ src: `203.0.113.${random.between(1, 20)}`, dst: '10.20.30.40', ...linuxSyn(random, 113) }),
    'mail servers that ask who we are (RFC 1413)',
  )
}

function monitor(random: Random): Scenario {
  const ports = random.shuffle(FREQUENT).slice(0, 12)
  const scenario = none(
    'monitor.log',
    'ipt',
    times(random, DAY, 240, 5000),
    (i) => ({ src: '10.20.0.99', dst: '10.20.30.40', ...linuxSyn(random, ports[i % 12] as number) }),
    'only an allowlist tells it from a scan',
  )
  return { ...scenario, allow: ['10.20.0.0/24'] }
}

/** Connections that the rules let in and only log. */
function allowedTraffic(random: Random): Scenario {
  const at = times(random, DAY, 60, 9000)
  const probes = at.map((time, i) => ({
    time,
    src: '198.51.100.44',
    dst: '10.20.30.40',
    ...linuxSyn(random, [22, 80, 443, 8080, 3000, 5432][i % 6] as number),
    prefix: i % 2 === 0 ? '[UFW ALLOW] ' : '[UFW AUDIT] ',
  }))
  return { file: 'allowed.log', expect: 'none', sources: [], probes, note: 'nothing was refused' }
}

function ownResolvers(random: Random): Scenario {
  const at = times(random, DAY, 90, 2000)
  const probes = at.map((time, i) => ({
    time,
    src: '10.20.30.40',
    dst: `192.0.2.${53 + (i % 3)}`,
    ...udpReply(random, ephemeral(i), 53),
    in: '',
    out: 'eth0',
    prefix: 'OUTBOUND ',
  }))
  const note = 'a host whose name queries are refused on their way out'
  return { file: 'own-resolvers.log', expect: 'none-or-low', sources: ['10.20.30.40'], probes, note }
}

function ephemeral(i: number): number {
  return 32768 + ((i * 7919) % 28000)
}

/** A scan among everything else, each source with its own label. */
function mixed(random: Random): Scenario {
  const scanner = '203.0.113.66'
  const resolver = '192.0.2.53'
  const client = '198.51.100.12'
  const at = times(random, DAY, 300, 500)
  const probes = at.flatMap((time, i) => {
    const dst = '10.20.30.40'
    if (i % 3 === 0)
      return logged('ipt', { time, src: scanner, dst, ...nmapTcp(random, 41414, 1 + (i % 200)) })
    if (i % 3 === 1) {
      return logged('ipt', { time, src: resolver, dst, ...udpReply(random, 53, random.between(1024, 65535)) })
    }
    return logged('ipt', { time, src: client, dst, ...linuxSyn(random, 443) })
  })
  const labels = { [scanner]: 'alert', [resolver]: 'none', [client]: 'none' } as const
  return { file: 'mixed.log', expect: 'alert', sources: [scanner], labels, probes, note: '' }
}
