/**
 * The packets of known programs, as measured in the lab: what nmap, masscan, hping3, a Linux client and a closing session send.
 *
 * Fields that differ from packet to packet (TTL, IP id) are drawn; those that give a program away
 * (window, length, options) are fixed.
 */
import type { Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'

type Parts = Omit<Probe, 'time' | 'src' | 'dst'>

const ID = 65535

/** nmap 7.93's raw TCP probes: window 1024, one MSS option on SYN only, TTL 37 to 60. */
export function nmapTcp(random: Random, spt: number, dpt: number, flags = 'SYN'): Parts {
  const syn = flags === 'SYN'
  return {
    proto: 'TCP',
    spt,
    dpt,
    flags,
    len: syn ? 44 : 40,
    ttl: random.between(37, 60),
    id: random.between(1, ID),
    window: 1024,
    seq: random.between(1, 2 ** 31),
    ack: flags.includes('ACK') ? random.between(1, 2 ** 31) : 0,
    ...(syn ? { options: '020405B4' } : {}),
  }
}

/** nmap -sU: an empty datagram, or the protocol's own request to ports that answer nothing else. */
export function nmapUdp(random: Random, spt: number, dpt: number): Parts {
  const len = random.chance(0.3) ? random.between(36, 100) : 28
  return { proto: 'UDP', spt, dpt, len, ttl: random.between(37, 60), id: random.between(1, ID) }
}

/** masscan 1.3: no options, TTL 255 less the way, another source port for each probe. */
export function masscan(random: Random, dpt: number): Parts {
  return {
    proto: 'TCP',
    spt: random.between(40000, 61000),
    dpt,
    flags: 'SYN',
    len: 40,
    ttl: 254 - random.between(0, 12),
    id: random.between(1, ID),
    window: 1024,
    seq: random.between(1, 2 ** 31),
  }
}

/** hping3: window 512, no options, and a source port that rises by one with each packet. */
export function hping(random: Random, spt: number, dpt: number, flags: string): Parts {
  return {
    proto: 'TCP',
    spt,
    dpt,
    flags,
    len: 40,
    ttl: 63,
    id: random.between(1, ID),
    window: 512,
    seq: random.between(1, 2 ** 31),
    ack: random.between(1, 2 ** 31),
  }
}

/** An ordinary connect() of a Linux client. */
export function linuxSyn(random: Random, dpt: number): Parts {
  return {
    proto: 'TCP',
    spt: ephemeral(random),
    dpt,
    flags: 'SYN',
    len: 60,
    ttl: random.between(44, 63),
    id: random.between(1, ID),
    df: true,
    window: 64240,
    seq: random.between(1, 2 ** 31),
    options: `020405B40402080A${hex(random)}000000000103030A`.slice(0, 40),
  }
}

/** A packet of a session that the firewall has already forgotten: some data, a closing, a reset. */
export function closing(random: Random, spt: number, dpt: number): Parts {
  const flags = random.pick(['ACK', 'ACK PSH', 'ACK FIN', 'ACK FIN', 'ACK PSH FIN', 'ACK RST', 'RST'])
  const reset = flags.includes('RST')
  return {
    proto: 'TCP',
    spt,
    dpt,
    flags: flags.replace('ACK PSH FIN', 'ACK PSH FIN'),
    len: flags.includes('PSH') ? random.between(70, 1400) : reset ? 40 : 52,
    ttl: random.between(44, 120),
    id: random.between(1, ID),
    df: true,
    window: reset && flags === 'RST' ? 0 : random.between(63, 501),
    seq: random.between(1, 2 ** 31),
    ack: random.between(1, 2 ** 31),
    ...(reset ? {} : { options: `0101080A${hex(random)}${hex(random)}` }),
  }
}

/** A datagram that answers one of ours. */
export function udpReply(random: Random, spt: number, dpt: number): Parts {
  return {
    proto: 'UDP',
    spt,
    dpt,
    len: random.between(76, 512),
    ttl: random.between(48, 120),
    id: random.between(1, ID),
    df: true,
  }
}

/** What the victim of a flood with forged sources answers to us, who never spoke to it. */
export function backscatter(random: Random, spt: number): Parts {
  return {
    proto: 'TCP',
    spt,
    dpt: random.between(1024, ID),
    flags: random.pick(['ACK SYN', 'ACK SYN', 'ACK RST', 'RST']),
    len: random.pick([40, 44]),
    ttl: random.between(40, 120),
    id: random.between(0, ID),
    window: random.pick([0, 14600, 65535]),
    seq: random.between(1, 2 ** 31),
    ack: random.between(1, 2 ** 31),
  }
}

/** The port range of Linux clients (net.ipv4.ip_local_port_range). */
export function ephemeral(random: Random): number {
  return random.between(32768, 60999)
}

function hex(random: Random): string {
  return Math.floor(random.next() * 2 ** 32)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')
}
