/**
 * ManyContacts: more than 192 contacts of one source in bounded space.
 *
 * Ports are exact, hosts are exact up to 256, pairs of both are counted by a sketch unless there is one host or one
 * shape. Whether one host saw several ports, or one port several hosts, is read off small bit masks: unions,
 * like everything here, so the order of packets cannot show.
 */
import { type Address, mix, PROTOCOL } from '@picket/schemas'
import { Sketch } from '../sketch.ts'
import { CONTACT, hashContact, hasPort, isIcmp } from './contact.ts'
import { MAX_FEW } from './few-contacts.ts'
import { FewOf } from './few-of.ts'
import { HostSet, hashHost, MAX_HOSTS } from './host-set.ts'
import type { Pace } from './pace.ts'
import type { PicketPolicy } from './policy.ts'
import { PortSet } from './port-set.ts'
import { MAX_EVIDENCE, type Reach } from './reach.ts'

/** Tallies of a host: which ports and which protocols it saw, as hashed bits. */
const PORT_MASK = 0
const PROTOCOL_MASK = 1
/** Ports share so many masks of the hosts that they were probed on. */
const PORT_SLOTS = 256
/** With three bits a host has surely seen three ports; the fewest that can be evidence enough. */
const ENOUGH_BITS = 3

export class ManyContacts implements Reach {
  /** The rule has to have held long before there are so many contacts. */
  readonly isScan = true
  readonly evidence: number = MAX_EVIDENCE
  portCount = 0
  isSweep = false
  /** Some host saw several ports, or protocols; asked of the sample itself once that is one. */
  sawVertical = false
  sawProtocols = false
  readonly pace: Pace
  hostSet: HostSet
  hostSketch: Sketch | null = null
  pairs: Sketch = new Sketch()
  /** TCP and UDP have their own fields, since nearly all packets are of these. */
  tcp: PortSet = new PortSet()
  udp: PortSet = new PortSet()
  others: Map<number, PortSet> = new Map()
  /** Shapes without a port: ICMP types and bare protocols. */
  bare: Set<number> = new Set()
  protocolSet: Set<number> = new Set()
  portHosts: Int32Array = new Int32Array(PORT_SLOTS)
  stealth: FewOf
  syn: FewOf
  icmpHosts: FewOf
  private readonly kinds: PicketPolicy['kinds']
  private readonly levels: PicketPolicy['levels']

  constructor(addressWords: number, policy: PicketPolicy, pace: Pace) {
    this.hostSet = new HostSet(addressWords)
    this.kinds = policy.kinds
    this.levels = policy.levels
    this.stealth = new FewOf(policy.kinds.stealthContacts)
    this.syn = new FewOf(policy.banContacts)
    this.icmpHosts = new FewOf(policy.kinds.icmpHosts)
    this.pace = pace
  }

  /**
   * Folds a probe. True when the judgement may have changed; `all` asks for every growth, of a source of which something
   * else may have changed since.
   */
  add(address: Address, shape: number, marks: number, minute: number, all = true): boolean {
    const host = hashHost(address)
    const contact = hashContact(host, shape, marks)
    this.pace.see(minute, contact)
    const isNewPair = this.pairs.add(contact)
    const isNewShape = this.seeShape(shape, marks)
    const isNewHost = this.seeHost(address, host, shape, marks)
    const isNewMark = this.seeMarks(contact, host, shape, marks)
    if (!all && this.isOneHostAtSpeed()) return isNewMark || isNewHost || (isNewShape && this.isOnRung())
    return isNewPair || isNewShape || isNewHost || isNewMark
  }

  /** Then one more port changes nothing but the count, and no passing of time makes a slow scan of it. */
  private isOneHostAtSpeed(): boolean {
    return this.hostSet.size === 1 && this.pace.isFast
  }

  /** Whether the latest of one host's contacts reached a rung. */
  private isOnRung(): boolean {
    return this.levels.contacts.includes(this.size)
  }

  get size(): number {
    const shapes = this.portCount + this.bare.size
    const hosts = this.hostCount
    if (hosts === 1) return shapes
    if (shapes === 1) return hosts
    return Math.max(this.pairs.estimate(), hosts, shapes, MAX_FEW + 1)
  }

  get hostCount(): number {
    if (this.hostSketch === null) return this.hostSet.size
    return Math.max(this.hostSketch.estimate(), MAX_HOSTS + 1)
  }

  get isVertical(): boolean {
    return this.hostSet.overflowed ? this.hasHostWith(PORT_MASK, ENOUGH_BITS) : this.sawVertical
  }

  get isProtocolScan(): boolean {
    return this.hostSet.overflowed ? this.hasHostWith(PROTOCOL_MASK, this.kinds.protocols) : this.sawProtocols
  }

  get isStealth(): boolean {
    return this.stealth.isFull()
  }

  get isIcmpSweep(): boolean {
    return this.icmpHosts.isFull()
  }

  get isFast(): boolean {
    return this.pace.isFast
  }

  get synContacts(): number {
    return this.syn.size
  }

  hosts(): string[] {
    return this.hostSet.print()
  }

  ports(): Map<number, number[]> {
    const sets: [number, PortSet][] = [[PROTOCOL.TCP, this.tcp], [PROTOCOL.UDP, this.udp], ...this.others]
    return new Map(sets.filter(([, set]) => set.size > 0).map(([proto, set]) => [proto, set.ports()]))
  }

  protocols(): number[] {
    return [...this.protocolSet].sort((a, b) => a - b)
  }

  /** True when the port, ICMP type or protocol is new. */
  private seeShape(shape: number, marks: number): boolean {
    const proto = shape >>> 16
    if (!hasPort(shape, marks)) {
      const before = this.bare.size + this.protocolSet.size
      this.protocolSet.add(proto)
      return this.bare.add(shape).size + this.protocolSet.size > before
    }
    const ports = this.portsOf(proto)
    if (!ports.add(shape & 0xffff)) return false
    if (ports.size === 1) this.protocolSet.add(proto)
    this.portCount++
    return true
  }

  private portsOf(proto: number): PortSet {
    if (proto === PROTOCOL.TCP) return this.tcp
    if (proto === PROTOCOL.UDP) return this.udp
    let set = this.others.get(proto)
    if (set === undefined) {
      set = new PortSet()
      this.others.set(proto, set)
    }
    return set
  }

  /** True when the host is new, or what is known of it has grown. */
  private seeHost(address: Address, hash: number, shape: number, marks: number): boolean {
    let isNew = false
    let host = this.hostSet.find(address)
    if (host < 0) {
      isNew = this.admitHost(hash)
      host = this.hostSet.add(address)
    }
    if (host >= 0) isNew = this.tallyHost(host, shape, marks) || isNew
    return (hasPort(shape, marks) && this.seePortHost(hash, shape)) || isNew
  }

  /** Counts a host that is not in the set; true when the count rises. */
  private admitHost(hash: number): boolean {
    if (this.hostSet.size < MAX_HOSTS) return true
    if (this.hostSketch === null) {
      this.hostSketch = new Sketch()
      for (const address of this.hostSet.addresses()) this.hostSketch.add(hashHost(address))
    }
    return this.hostSketch.add(hash)
  }

  private tallyHost(host: number, shape: number, marks: number): boolean {
    const ports = this.hostSet.tally(host, PORT_MASK)
    const protocols = this.hostSet.tally(host, PROTOCOL_MASK)
    const port = hasPort(shape, marks) ? 1 << (mix(shape) & 31) : 0
    const protocol = 1 << ((shape >>> 16) % 31)
    if ((ports & port) === port && (protocols & protocol) !== 0) return false
    this.hostSet.setTally(host, PORT_MASK, ports | port)
    this.hostSet.setTally(host, PROTOCOL_MASK, protocols | protocol)
    if (bitCount(ports | port) >= ENOUGH_BITS) this.sawVertical = true
    if (bitCount(protocols | protocol) >= this.kinds.protocols) this.sawProtocols = true
    return true
  }

  private hasHostWith(tally: number, bits: number): boolean {
    for (let host = 0; host < this.hostSet.size; host++) {
      if (bitCount(this.hostSet.tally(host, tally)) >= bits) return true
    }
    return false
  }

  private seePortHost(hash: number, shape: number): boolean {
    const slot = mix(shape) & (PORT_SLOTS - 1)
    const before = this.portHosts[slot] as number
    const after = before | (1 << (hash & 31))
    if (after === before) return false
    this.portHosts[slot] = after
    if (bitCount(after) >= this.kinds.sweepHosts) this.isSweep = true
    return true
  }

  private seeMarks(contact: number, host: number, shape: number, marks: number): boolean {
    const stealth = (marks & CONTACT.stealth) !== 0 && this.stealth.add(contact)
    const syn = (marks & CONTACT.syn) !== 0 && this.syn.add(contact)
    const icmp = isIcmp(shape >>> 16) && this.icmpHosts.add(host)
    return stealth || syn || icmp
  }
}

function bitCount(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}
