/**
 * PortClasses: what the policy says about each port, one byte a port, so that no list is walked per packet.
 *
 * Also the price of a contact. Unknown ports (-1) have no class.
 */
import { hashText, PROTOCOL } from '@picket/schemas'
import { CONTACT, isIcmp } from './contact.ts'
import type { PicketPolicy } from './policy.ts'

const COMMON = 1
const EVERYDAY = 2
const BROWSING = 4
const REPLY = 8
const TRACEROUTE = 16
const SENSITIVE = 32
const NEAR_DISCOUNT = 64

export class PortClasses {
  readonly policy: PicketPolicy
  /** Tells whether counts of contacts were made by this policy. */
  readonly fingerprint: number
  private readonly classes = new Uint8Array(65_536)

  constructor(policy: PicketPolicy) {
    this.policy = policy
    this.fingerprint = hashText(JSON.stringify(policy), 0)
    this.mark(policy.commonPorts, COMMON)
    this.mark(policy.everydayPorts, EVERYDAY)
    this.mark(policy.outbound.browsingPorts, BROWSING)
    this.mark(policy.replyPorts, REPLY)
    this.mark(policy.sensitivePorts, SENSITIVE)
    const discounted = [...policy.commonPorts, ...policy.everydayPorts]
    const near = discounted.flatMap((port) => [port - 1, port, port + 1])
    this.mark(
      near.filter((port) => port >= 0 && port <= 0xffff),
      NEAR_DISCOUNT,
    )
    for (let port = 0; port < 1024; port++) this.mark([port], REPLY)
    for (let port = policy.tracerouteFrom; port <= policy.tracerouteTo; port++) this.mark([port], TRACEROUTE)
  }

  isBrowsing(port: number): boolean {
    return this.has(port, BROWSING)
  }

  mayReply(port: number): boolean {
    return this.has(port, REPLY)
  }

  isTraceroute(port: number): boolean {
    return this.has(port, TRACEROUTE)
  }

  isSensitive(port: number): boolean {
    return this.has(port, SENSITIVE)
  }

  /** The port costs less than others, or its neighbour does. */
  isNearDiscount(port: number): boolean {
    return this.has(port, NEAR_DISCOUNT)
  }

  /** What a contact of this shape with these marks is worth. */
  priceOf(shape: number, marks: number): number {
    const proto = shape >>> 16
    const port = shape & 0xffff
    const stealth = (marks & CONTACT.stealth) !== 0
    const price = stealth ? this.policy.evidence.stealth : this.plainPrice(proto, port, marks)
    return (marks & CONTACT.inward) !== 0 ? price : Math.floor(price / this.policy.outbound.factor)
  }

  private plainPrice(proto: number, port: number, marks: number): number {
    const { ordinary, common, everyday, echo, protocol } = this.policy.evidence
    if (isIcmp(proto)) return isEchoRequest(proto, port) ? echo : ordinary
    if ((marks & CONTACT.portless) !== 0) return hasPorts(proto) ? ordinary : protocol
    if ((marks & CONTACT.row) !== 0) return ordinary
    if (this.has(port, EVERYDAY)) return everyday
    return this.has(port, COMMON) ? common : ordinary
  }

  private has(port: number, bit: number): boolean {
    return port >= 0 && ((this.classes[port] as number) & bit) !== 0
  }

  private mark(ports: readonly number[], bit: number): void {
    for (const port of ports) this.classes[port] = (this.classes[port] as number) | bit
  }
}

/** Protocols whose header names ports; without them the header was cut, or it is a later fragment. */
function hasPorts(proto: number): boolean {
  return proto === PROTOCOL.TCP || proto === PROTOCOL.UDP || proto === PROTOCOL.UDPLITE
}

function isEchoRequest(proto: number, type: number): boolean {
  return type === (proto === PROTOCOL.ICMP ? 8 : 128)
}
