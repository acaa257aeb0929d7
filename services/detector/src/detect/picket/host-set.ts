/**
 * HostSet: up to 256 destination hosts of one source, exact, with two words of tally each.
 *
 * When there are more, the 256 with the lowest hash stay. A host that is among these at the end has been among
 * them since its first packet, so its tallies are complete and the result does not depend on the order.
 */
import {
  type Address,
  compareAddresses,
  hashAddress,
  isV4,
  mix,
  printAddress,
  stir,
  V4_MARK,
} from '@picket/schemas'
import type { ByteReader } from '../bytes/byte-reader.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import { growWords, newWords, type Words } from '../words.ts'
import { printHosts } from './host-text.ts'

export const MAX_HOSTS = 256

const HOST_SEED = 0x686f7374
const TALLIES = 2
/** Fewer hosts than this are searched one by one. */
const LINEAR = 8

/** One address for hashing again, so that nothing is allocated. */
const scratch: Address = new Int32Array(4)
/** What three of the four words of every IPv4 address come to. */
const V4_STATE = stir(stir(stir(HOST_SEED, 0), 0), V4_MARK)

export function hashHost(address: Address): number {
  if (isV4(address)) return mix(stir(V4_STATE, address[3] as number))
  return hashAddress(address, HOST_SEED)
}

export class HostSet {
  size = 0
  /** Hosts that were let go, or not let in: from then on the set is a sample. */
  overflowed = false
  /** 1 for IPv4, whose other words are always the same; 4 for IPv6. */
  readonly addressWords: number
  private readonly stride: number
  private words: Words
  private index: Uint16Array | null = null
  /** The host with the highest hash of a full set, -1 until asked for. */
  private worst = -1

  constructor(addressWords: number) {
    this.addressWords = addressWords
    this.stride = addressWords + TALLIES
    this.words = newWords(this.stride)
  }

  /** The host's number, or -1. */
  find(address: Address): number {
    if (this.index !== null) return this.findByHash(address, this.index)
    for (let host = 0; host < this.size; host++) if (this.isAt(host, address)) return host
    return -1
  }

  /** The number of a host that was not there; -1 when 256 others have lower hashes. */
  add(address: Address): number {
    if (this.size === MAX_HOSTS) return this.replace(address)
    const host = this.size++
    if (this.size * this.stride > this.words.length) {
      this.words = growWords(this.words, Math.min(this.words.length * 2, MAX_HOSTS * this.stride))
    }
    this.write(host, address)
    if (this.index !== null && this.size * 2 <= this.index.length) this.enter(this.index, host)
    else if (this.size > LINEAR) this.index = this.buildIndex()
    return host
  }

  addressOf(host: number): Address {
    const at = host * this.stride
    if (this.addressWords === 1) return Int32Array.of(0, 0, 0xffff, this.words[at] as number)
    return Int32Array.from({ length: 4 }, (_, i) => this.words[at + i] as number)
  }

  addresses(): Address[] {
    return Array.from({ length: this.size }, (_, host) => this.addressOf(host))
  }

  /** All hosts as text, by ascending address. */
  print(): string[] {
    if (this.addressWords > 1) return this.addresses().sort(compareAddresses).map(printAddress)
    const words = new Uint32Array(this.size)
    for (let host = 0; host < this.size; host++) words[host] = this.words[host * this.stride] as number
    return printHosts(words)
  }

  /** Tally 0 or 1 of a host. */
  tally(host: number, which: number): number {
    return this.words[host * this.stride + this.addressWords + which] as number
  }

  setTally(host: number, which: number, value: number): void {
    this.words[host * this.stride + this.addressWords + which] = value
  }

  pack(): unknown[] {
    return [this.addressWords, this.overflowed, Array.from(this.words.slice(0, this.size * this.stride))]
  }

  static unpack(packed: unknown): HostSet {
    const [addressWords, overflowed, words] = packed as [number, boolean, Words]
    const set = new HostSet(addressWords)
    set.overflowed = overflowed
    set.size = words.length / set.stride
    set.words = growWords(words, Math.max(words.length, set.stride))
    if (set.size > LINEAR) set.index = set.buildIndex()
    return set
  }

  store(into: ByteWriter): void {
    into.reserve(10)
    into.byte(this.addressWords)
    into.byte(this.overflowed ? 1 : 0)
    into.varint(this.size)
    into.words(this.words, 0, this.size * this.stride)
  }

  static restore(reader: ByteReader): HostSet {
    const addressWords = reader.byte()
    if (addressWords !== 1 && addressWords !== 4) reader.fail()
    const overflowed = reader.byte() === 1
    const words = newWords(reader.count(MAX_HOSTS) * ((addressWords === 1 ? 1 : 4) + TALLIES))
    reader.words(words, 0, words.length)
    return HostSet.unpack([addressWords === 1 ? 1 : 4, overflowed, words])
  }

  private isAt(host: number, address: Address): boolean {
    const at = host * this.stride
    const words = this.words
    if (this.addressWords === 1) return words[at] === address[3]
    return (
      words[at + 3] === address[3] &&
      words[at + 2] === address[2] &&
      words[at + 1] === address[1] &&
      words[at] === address[0]
    )
  }

  private write(host: number, address: Address): void {
    const at = host * this.stride
    for (let i = 0; i < this.addressWords; i++) {
      this.words[at + i] = address[4 - this.addressWords + i] as number
    }
    this.setTally(host, 0, 0)
    this.setTally(host, 1, 0)
  }

  private findByHash(address: Address, index: Uint16Array): number {
    const mask = index.length - 1
    for (let i = hashHost(address) & mask; index[i] !== 0; i = (i + 1) & mask) {
      const host = (index[i] as number) - 1
      if (this.isAt(host, address)) return host
    }
    return -1
  }

  /** An index with room for as many hosts again, up to 256. */
  private buildIndex(): Uint16Array {
    const bits = 32 - Math.clz32(Math.min(this.size * 2, MAX_HOSTS) - 1)
    const index = new Uint16Array(2 << bits)
    for (let host = 0; host < this.size; host++) this.enter(index, host)
    return index
  }

  private enter(index: Uint16Array, host: number): void {
    const mask = index.length - 1
    let i = this.hashOf(host) & mask
    while (index[i] !== 0) i = (i + 1) & mask
    index[i] = host + 1
  }

  private hashOf(host: number): number {
    const at = host * this.stride
    if (this.addressWords === 1) return mix(stir(V4_STATE, this.words[at] as number))
    for (let i = 0; i < 4; i++) scratch[i] = this.words[at + i] as number
    return hashHost(scratch)
  }

  private replace(address: Address): number {
    this.overflowed = true
    if (this.worst < 0) this.worst = this.findWorst()
    const worst = this.worst
    if (hashHost(address) >>> 0 >= this.hashOf(worst) >>> 0) return -1
    this.write(worst, address)
    this.index = this.buildIndex()
    this.worst = -1
    return worst
  }

  private findWorst(): number {
    let worst = 0
    let highest = -1
    for (let host = 0; host < MAX_HOSTS; host++) {
      const hash = this.hashOf(host) >>> 0
      if (hash <= highest) continue
      highest = hash
      worst = host
    }
    return worst
  }
}
