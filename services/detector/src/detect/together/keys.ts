/**
 * Keys: addresses, networks and targets as what a Map finds fast and a store holds small.
 *
 * IPv4 is a number, IPv6 a text of 16-bit units; a port is a number below every host's. So no two of them are alike.
 */
import { type Address, isV4, printAddress, protocolName, setV4 } from '@picket/schemas'

export type Key = number | string

/** A host: the IPv4 word, or eight units. */
export type HostKey = Key
/** A source as the first stage follows it: the IPv4 word, or the four units of a /64. */
export type SourceKey = Key
/** The network of a source: IPv4 /24 (the word without its last octet), or the three units of a /48. */
export type GroupKey = Key
/** Protocol << 17 | port + 1, where a packet without a port has port -1. */
export type Shape = number
/** A shape, or a host (numbers from HOSTS_FROM on). */
export type TargetKey = Key

/** Above every shape: a protocol has eight bits. */
const HOSTS_FROM = 2 ** 25

export function hostKey(address: Address): HostKey {
  return isV4(address) ? (address[3] as number) >>> 0 : unitsOf(address, 8)
}

export function sourceKey(address: Address): SourceKey {
  return isV4(address) ? (address[3] as number) >>> 0 : unitsOf(address, 4)
}

export function groupOf(source: SourceKey): GroupKey {
  return typeof source === 'number' ? source >>> 8 : source.slice(0, 3)
}

export function shapeKey(proto: number, port: number): Shape {
  return (proto << 17) | (port + 1)
}

export function protocolOf(shape: Shape): number {
  return shape >>> 17
}

/** -1 without. */
export function portOf(shape: Shape): number {
  return (shape & 0x1ffff) - 1
}

export function hostTarget(host: HostKey): TargetKey {
  return typeof host === 'number' ? host + HOSTS_FROM : host
}

export function isHostTarget(target: TargetKey): boolean {
  return typeof target === 'string' || target >= HOSTS_FROM
}

/** `10.0.0.5`, or `tcp/22`. */
export function printTarget(target: TargetKey): string {
  if (typeof target === 'string') return printHost(target)
  if (target >= HOSTS_FROM) return printHost(target - HOSTS_FROM)
  return `${protocolName(protocolOf(target))}/${portOf(target)}`
}

export function printHost(host: HostKey): string {
  return printAddress(addressOf(host))
}

/** `198.51.100.7`, or `2001:db8:1:2::/64`. */
export function printSource(source: SourceKey): string {
  return typeof source === 'number' ? printHost(source) : `${printHost(source)}/64`
}

/** `198.51.100.0/24`, or `2001:db8:1::/48`. */
export function printGroup(group: GroupKey): string {
  return typeof group === 'number' ? `${printHost((group << 8) >>> 0)}/24` : `${printHost(group)}/48`
}

export function addressOf(key: HostKey): Address {
  const address = new Int32Array(4)
  if (typeof key === 'number') setV4(address, key | 0)
  else for (let i = 0; i < 8; i++) address[i >> 1] = ((address[i >> 1] as number) << 16) | unitAt(key, i)
  return address
}

/** A total order: IPv4 before IPv6, each ascending. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  if (a === b) return 0
  return a < b ? -1 : 1
}

function unitsOf(address: Address, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) {
    const word = address[i >> 1] as number
    text += String.fromCharCode((i & 1) === 0 ? word >>> 16 : word & 0xffff)
  }
  return text
}

function unitAt(key: string, at: number): number {
  return at < key.length ? key.charCodeAt(at) : 0
}
