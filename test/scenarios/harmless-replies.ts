/**
 * Harmless: packets that answer us or close what we or our clients had opened, too late for the firewall to remember.
 *
 * They come to many ports of ours, because each of our connections had its own port. A counter of ports takes them for a scan.
 */
import type { Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import { backscatter, closing, ephemeral, udpReply } from './packets.ts'
import { DAY, logged, type Scenario, STYLES, type Style, times } from './scenario.ts'

type Packet = (index: number) => Omit<Probe, 'time'>

export function harmlessReplies(random: Random): Scenario[] {
  return [
    ...STYLES.map((style) => lateClients(random, style)),
    lateClientsOfManyServers(random),
    lateSix(random),
    dns(random, 'ipt'),
    dns(random, 'ufw-high'),
    udpReplies(random, 'late-ntp.log', 123, '162.159.200.1'),
    udpReplies(random, 'late-quic.log', 443, '142.250.74.78'),
    serverStrays(random),
    databaseStrays(random),
    backscatterMany(random),
    backscatterOfOneVictim(random),
    ownReplies(random),
    ownResets(random),
    icmpErrors(random),
    icmpErrorsSix(random),
  ]
}

function none(file: string, style: Style, at: readonly number[], packet: Packet, note: string): Scenario {
  const probes = at.flatMap((time, i) => logged(style, { time, ...packet(i) }))
  return { file, expect: 'none', sources: [], probes, note }
}

function lateClients(random: Random, style: Style): Scenario {
  const clients = Array.from({ length: 12 }, (_, i) => `198.51.100.${i * 7 + 3}`)
  return none(
    `late-clients-${style}.log`,
    style,
    times(random, DAY, 500, 4000),
    () => ({
      src: random.pick(clients),
      dst: '10.20.30.40',
      ...closing(random, ephemeral(random), random.pick([443, 443, 80])),
    }),
    'clients of one web server, half an hour',
  )
}

function lateClientsOfManyServers(random: Random): Scenario {
  const clients = Array.from({ length: 8 }, (_, i) => `192.0.2.${i * 9 + 5}`)
  return none(
    'late-clients-many-servers.log',
    'ipt',
    times(random, DAY, 900, 3000),
    () => ({
      src: random.pick(clients),
      dst: `10.20.30.${random.between(40, 44)}`,
      ...closing(random, ephemeral(random), random.pick([443, 80, 993])),
    }),
    'eight clients of five servers with three services each',
  )
}

function lateSix(random: Random): Scenario {
  return none(
    'late-six.log',
    'ipt',
    times(random, DAY, 200, 2000),
    (i) => {
      const dns = i % 2 === 0
      const from = dns ? '2001:db8:53::53' : '2001:db8:9::80'
      const parts = dns ? udpReply(random, 53, ephemeral(random)) : closing(random, 443, ephemeral(random))
      return { src: from, dst: '2001:db8:ff::17', ...parts }
    },
    'late answers over IPv6',
  )
}

function dns(random: Random, style: Style): Scenario {
  const resolvers = ['192.0.2.53', '198.51.100.153', '203.0.113.53', '9.9.9.9']
  return none(
    `late-dns-${style}.log`,
    style,
    times(random, DAY, 600, 1500),
    () => ({
      src: random.pick(resolvers),
      dst: '10.20.30.40',
      ...udpReply(random, 53, random.between(1024, 65535)),
    }),
    'resolvers draw their ports from 1024 up',
  )
}

function udpReplies(random: Random, file: string, spt: number, src: string): Scenario {
  return none(
    file,
    'ipt',
    times(random, DAY, 60, 5000),
    () => ({ src, dst: '10.20.30.40', ...udpReply(random, spt, ephemeral(random)) }),
    `answers from port ${spt}`,
  )
}

function serverStrays(random: Random): Scenario {
  const servers = Array.from({ length: 20 }, (_, i) => `203.0.113.${i * 11 + 2}`)
  return none(
    'server-strays.log',
    'nft',
    times(random, DAY, 400, 2000),
    () => ({
      src: random.pick(servers),
      dst: '10.20.30.40',
      ...closing(random, random.pick([443, 443, 80, 993, 853]), ephemeral(random)),
    }),
    'servers that our own clients had spoken to',
  )
}

function databaseStrays(random: Random): Scenario {
  const ports = [5432, 3306, 6379, 9200, 27017, 8080]
  return none(
    'database-strays.log',
    'ipt',
    times(random, DAY, 300, 2000),
    (i) => ({
      src: `10.20.31.${10 + (i % ports.length)}`,
      dst: '10.20.30.40',
      ...closing(random, ports[i % ports.length] as number, ephemeral(random)),
    }),
    'services that listen above 1023',
  )
}

function backscatterMany(random: Random): Scenario {
  const sources = Array.from({ length: 1150 }, (_, i) => `198.18.${i >> 8}.${i & 255}`)
  const port = new Map(sources.map((src) => [src, random.pick([80, 443, 22, 6667, 25565, 53])]))
  return none(
    'backscatter-many.log',
    'ipt',
    times(random, DAY, 2100, 200),
    () => {
      const src = random.pick(sources)
      return { src, dst: '10.20.30.40', ...backscatter(random, port.get(src) ?? 80) }
    },
    'ten times as many victims as in the recording',
  )
}

function backscatterOfOneVictim(random: Random): Scenario {
  return none(
    'backscatter-one-victim.log',
    'ipt',
    times(random, DAY, 120, 700),
    () => ({
      src: '203.0.113.80',
      dst: `10.20.30.${random.between(1, 254)}`,
      ...backscatter(random, 80),
    }),
    'a flood whose forged sources fell into our net, on many hosts',
  )
}

/** Our own server's late packets, logged on their way out: the source is ours, and it scans nobody. */
function ownReplies(random: Random): Scenario {
  return none(
    'own-late-replies.log',
    'ipt',
    times(random, DAY, 200, 1000),
    () => ({
      src: '10.20.30.40',
      dst: `198.51.100.${random.between(1, 254)}`,
      ...closing(random, 443, ephemeral(random)),
      in: '',
      out: 'eth0',
    }),
    'OUTPUT lines of a web server',
  )
}

/** What our host answers to a scan: a reset from each closed port, to the scanner's one port. */
function ownResets(random: Random): Scenario {
  return none(
    'own-resets.log',
    'ipt',
    times(random, DAY, 80, 20),
    (i) => ({
      src: '10.20.30.40',
      dst: '203.0.113.9',
      proto: 'TCP',
      spt: i + 20,
      dpt: 54321,
      flags: 'ACK RST',
      len: 40,
      window: 0,
      in: '',
      out: 'eth0',
    }),
    'the answers to a scan are no scan',
  )
}

function icmpErrors(random: Random): Scenario {
  return none(
    'icmp-errors.log',
    'ipt',
    times(random, DAY, 150, 800),
    () => {
      const [type, code] = random.pick([
        [3, 1],
        [3, 3],
        [3, 13],
        [11, 0],
        [12, 0],
      ] as const)
      const inner =
        `SRC=10.20.30.40 DST=192.0.2.${random.between(1, 254)} LEN=60 TOS=0x00 PREC=0x00 TTL=1 ID=${random.between(1, 65535)} ` +
        `PROTO=UDP SPT=${ephemeral(random)} DPT=${random.between(33434, 33523)} LEN=40`
      return {
        src: `203.0.113.${random.between(1, 40)}`,
        dst: `10.20.30.${random.between(40, 44)}`,
        proto: 'ICMP',
        type,
        code,
        inner,
        len: 56,
      }
    },
    'errors about our own traffic, some routers with several of them',
  )
}

function icmpErrorsSix(random: Random): Scenario {
  return none(
    'icmp-errors-six.log',
    'ipt',
    times(random, DAY, 60, 800),
    () => ({
      src: `2001:db8:77::${random.between(1, 9)}`,
      dst: '2001:db8:ff::17',
      proto: 'ICMPv6',
      type: random.between(1, 3),
      inner:
        'SRC=2001:0db8:00ff:0000:0000:0000:0000:0017 DST=2001:0db8:0000:0000:0000:0000:0000:0009 LEN=56 TC=0 ' +
        `HOPLIMIT=1 FLOWLBL=0 PROTO=UDP SPT=${ephemeral(random)} DPT=53 LEN=16`,
      len: 104,
    }),
    '',
  )
}
