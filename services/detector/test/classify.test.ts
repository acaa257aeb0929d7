import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACK, CWR, ECE, FIN, type Packet, PSH, RST, SYN, URG } from '@picket/schemas'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import { compileRules } from '../src/detect/rules/rules.ts'
import { icmp, protocol, tcp, udp } from './packets.ts'

const method = new PicketMethod()
const six = { src: '2001:db8::1', dst: '2001:db8:1::5' }

const CASES: readonly [string, Packet, string][] = [
  ['a SYN', tcp(), 'probe'],
  ['a SYN with ECN bits', tcp({ flags: SYN | ECE | CWR }), 'probe'],
  ['a SYN from port 53', tcp({ spt: 53, dpt: 4000 }), 'probe'],
  ['no flags at all', tcp({ flags: 0 }), 'probe'],
  ['a bare FIN', tcp({ flags: FIN }), 'probe'],
  ['FIN, PSH and URG', tcp({ flags: FIN | PSH | URG }), 'probe'],
  ['SYN with RST', tcp({ flags: SYN | RST }), 'probe'],
  ['SYN, FIN, PSH and URG', tcp({ flags: SYN | FIN | PSH | URG }), 'probe'],
  ['a later fragment of TCP', tcp({ flags: -1, spt: -1, dpt: -1 }), 'probe'],
  ['a bare ACK', tcp({ flags: ACK }), 'suspect'],
  ['FIN+ACK', tcp({ flags: FIN | ACK, dpt: 443 }), 'suspect'],
  ['PSH+ACK', tcp({ flags: PSH | ACK, dpt: 443 }), 'stray'],
  ['FIN+PSH+ACK', tcp({ flags: FIN | PSH | ACK, dpt: 443 }), 'stray'],
  ["a server's FIN+ACK", tcp({ flags: FIN | ACK, spt: 443, dpt: 51_000 }), 'reply'],
  ["a server's data", tcp({ flags: PSH | ACK, spt: 8443, dpt: 51_000 }), 'reply'],
  ['SYN+ACK', tcp({ flags: SYN | ACK, spt: 80, dpt: 51_000 }), 'backscatter'],
  ['RST', tcp({ flags: RST }), 'backscatter'],
  ['RST+ACK', tcp({ flags: RST | ACK }), 'backscatter'],
  ['an accepted SYN', tcp({ verdict: 'accept' }), 'accepted'],
  ['an audited SYN', tcp({ verdict: 'audit' }), 'audited'],
  ['a frame to many', udp({ toMany: true }), 'noise'],
  ['multicast', udp({ dst: '239.255.255.250', dpt: 1900 }), 'noise'],
  ['IPv6 multicast', udp({ ...six, dst: 'ff02::fb', dpt: 5353 }), 'noise'],
  ['broadcast', udp({ dst: '255.255.255.255', dpt: 67 }), 'noise'],
  ['from nobody', udp({ src: '0.0.0.0' }), 'noise'],
  ['IGMP to its group', protocol(2, { dst: '224.0.0.1' }), 'noise'],
  ['discovery on the segment', udp({ dst: '10.0.0.127', spt: 57_621, dpt: 57_621 }), 'noise'],
  ['an offer by DHCP', udp({ spt: 67, dpt: 68 }), 'noise'],
  ['a late DNS answer', udp({ spt: 53, dpt: 40_000, udpLen: 128 }), 'reply'],
  ['an empty datagram from port 53', udp({ spt: 53, dpt: 40_000, udpLen: 8, len: 28 }), 'probe'],
  ['a datagram from port 53 that is no DNS', udp({ spt: 53, dpt: 4000, udpLen: 16 }), 'probe'],
  ['a datagram from port 53 to a service', udp({ spt: 53, dpt: 161, udpLen: 128 }), 'probe'],
  ['a late answer of unknown UDP length', udp({ spt: 123, dpt: 4000, udpLen: -1, len: 76 }), 'reply'],
  ['traceroute', udp({ dpt: 33_450, ttl: 1 }), 'traceroute'],
  ['a datagram', udp(), 'probe'],
  ['an echo request', icmp(8), 'probe'],
  ['a timestamp request', icmp(13), 'probe'],
  ['an echo reply', icmp(0), 'backscatter'],
  ['port unreachable', icmp(3), 'icmp-error'],
  ['a redirect', icmp(5), 'icmp-error'],
  ['time exceeded', icmp(11), 'icmp-error'],
  ['an IPv6 echo request', icmp(128, { ...six, proto: 58 }), 'probe'],
  ['packet too big', icmp(2, { ...six, proto: 58 }), 'icmp-error'],
  ['neighbour solicitation', icmp(135, { ...six, proto: 58 }), 'neighbour-discovery'],
  ['a multicast listener report', icmp(143, { ...six, proto: 58 }), 'neighbour-discovery'],
  ['GRE', protocol(47), 'probe'],
  ['our own web request', tcp({ in: '', out: 'eth0', dpt: 443 }), 'browsing'],
  ['our own SMB request', tcp({ in: '', out: 'eth0', dpt: 445 }), 'probe'],
]

for (const [what, packet, observation] of CASES) {
  test(`${what} is ${observation}`, () => assert.equal(method.classify(packet), observation))
}

test('a source in the home net is one of ours wherever its packet is seen', () => {
  const { rules } = compileRules({ homeNet: ['10.0.0.0/8'] })
  const inside = tcp({ src: '10.0.0.7', dpt: 443 })
  assert.equal(new PicketMethod(undefined, rules).classify(inside), 'browsing')
  assert.equal(method.classify(inside), 'probe')
})
