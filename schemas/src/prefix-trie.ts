/**
 * PrefixTrie: a value per network, and the longest match for an address in a few steps.
 *
 * A path-compressed binary trie in one Int32Array, one per family: IPv4 addresses are matched by IPv4 networks
 * only. A node without value is never compared on the way down: all below it share its bits, so a mismatch is
 * found at the next node that has one. `match` allocates nothing.
 */
import { type Address, isV4 } from './address.ts'
import { isV4Prefix, type Prefix } from './prefix.ts'

/** Words of a node: four of the key, its length, two children, and whether it carries a value. */
const NODE = 8
const BITS = 4
const CHILD = 5
const FILLED = 7
/** Nodes 1 and 2 are the roots of IPv6 (length 0) and IPv4 (length 96); 0 says "no node". */
const V6_ROOT = 1
const V4_ROOT = 2

export class PrefixTrie<T> {
  size = 0
  private nodes = new Int32Array(NODE * 16)
  private values: (T | undefined)[] = [undefined, undefined, undefined]
  private free = 0
  private used = 3

  constructor() {
    this.nodes[V4_ROOT * NODE + BITS] = 96
    this.nodes[V4_ROOT * NODE + 2] = 0xffff
  }

  /** The value of the longest prefix that contains the address. */
  match(address: Address): T | undefined {
    const nodes = this.nodes
    let node = isV4(address) ? V4_ROOT : V6_ROOT
    let best = 0
    do {
      const at = node * NODE
      const bits = nodes[at + BITS] as number
      if (nodes[at + FILLED] === 1) {
        if (!nodeContains(nodes, at, bits, address)) break
        best = node
      }
      if (bits === 128) break
      node = nodes[at + CHILD + bitAt(address, bits)] as number
    } while (node !== 0)
    return best === 0 ? undefined : this.values[best]
  }

  get(prefix: Prefix): T | undefined {
    const node = this.find(prefix)
    return node === 0 ? undefined : this.values[node]
  }

  set(prefix: Prefix, value: T): void {
    const node = this.place(prefix)
    if (this.nodes[node * NODE + FILLED] === 0) this.size++
    this.nodes[node * NODE + FILLED] = 1
    this.values[node] = value
  }

  /** Whether there was such a prefix. */
  delete(prefix: Prefix): boolean {
    const node = this.find(prefix)
    if (node === 0 || this.nodes[node * NODE + FILLED] === 0) return false
    this.nodes[node * NODE + FILLED] = 0
    this.values[node] = undefined
    this.size--
    const parent = this.parentOf(node, prefix.address)
    this.prune(node, parent)
    if (parent > V4_ROOT) this.prune(parent, this.parentOf(parent, prefix.address))
    return true
  }

  /** All prefixes with their values, IPv6 first, each family in address order, wider before narrower. */
  *entries(): IterableIterator<[Prefix, T]> {
    const waiting = [V4_ROOT, V6_ROOT]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const at = node * NODE
      if (this.nodes[at + FILLED] === 1) {
        const prefix = { address: this.nodes.slice(at, at + 4), bits: this.nodes[at + BITS] as number }
        yield [prefix, this.values[node] as T]
      }
      for (const child of [this.nodes[at + CHILD + 1] as number, this.nodes[at + CHILD] as number]) {
        if (child !== 0) waiting.push(child)
      }
    }
  }

  private find(prefix: Prefix): number {
    let node = rootOf(prefix)
    while (node !== 0) {
      const bits = this.nodes[node * NODE + BITS] as number
      if (bits === prefix.bits) {
        return nodeContains(this.nodes, node * NODE, bits, prefix.address) ? node : 0
      }
      node =
        bits > prefix.bits ? 0 : (this.nodes[node * NODE + CHILD + bitAt(prefix.address, bits)] as number)
    }
    return 0
  }

  /** The node of exactly this prefix, made where it is missing. */
  private place(prefix: Prefix): number {
    let parent = rootOf(prefix)
    for (;;) {
      const bits = this.nodes[parent * NODE + BITS] as number
      if (bits === prefix.bits) return parent
      const slot = CHILD + bitAt(prefix.address, bits)
      const child = this.nodes[parent * NODE + slot] as number
      if (child === 0) return this.hang(parent, slot, this.newNode(prefix.address, prefix.bits))
      const shared = this.sharedBits(child, prefix)
      if (shared < (this.nodes[child * NODE + BITS] as number))
        return this.split(parent, slot, prefix, shared)
      parent = child
    }
  }

  /** Puts a node for the shared bits above the child in `slot`, and the prefix's own node below where it differs. */
  private split(parent: number, slot: number, prefix: Prefix, shared: number): number {
    const child = this.nodes[parent * NODE + slot] as number
    const fork = this.hang(parent, slot, this.newNode(prefix.address, shared))
    const side = bitAt(this.nodes.subarray(child * NODE, child * NODE + 4), shared)
    this.hang(fork, CHILD + side, child)
    if (shared === prefix.bits) return fork
    return this.hang(fork, CHILD + 1 - side, this.newNode(prefix.address, prefix.bits))
  }

  private sharedBits(node: number, prefix: Prefix): number {
    const limit = Math.min(this.nodes[node * NODE + BITS] as number, prefix.bits)
    for (let i = 0; i < 4; i++) {
      const difference = (this.nodes[node * NODE + i] as number) ^ (prefix.address[i] as number)
      if (difference !== 0) return Math.min(limit, i * 32 + Math.clz32(difference))
    }
    return limit
  }

  private hang(parent: number, slot: number, node: number): number {
    this.nodes[parent * NODE + slot] = node
    return node
  }

  /** Takes out a node that says nothing: without value and with fewer than two children. */
  private prune(node: number, parent: number): void {
    const at = node * NODE
    const left = this.nodes[at + CHILD] as number
    const right = this.nodes[at + CHILD + 1] as number
    if (node <= V4_ROOT || this.nodes[at + FILLED] === 1 || (left !== 0 && right !== 0)) return
    const side = this.nodes[parent * NODE + CHILD] === node ? 0 : 1
    this.nodes[parent * NODE + CHILD + side] = left === 0 ? right : left
    this.nodes[at + CHILD] = this.free
    this.free = node
  }

  private parentOf(child: number, address: Address): number {
    let parent = isV4(address) && (this.nodes[child * NODE + BITS] as number) >= 96 ? V4_ROOT : V6_ROOT
    for (let node = parent; node !== child; ) {
      parent = node
      node = this.nodes[
        node * NODE + CHILD + bitAt(address, this.nodes[node * NODE + BITS] as number)
      ] as number
    }
    return parent
  }

  private newNode(address: Address, bits: number): number {
    const node = this.free === 0 ? this.used++ : this.free
    if (this.free !== 0) this.free = this.nodes[node * NODE + CHILD] as number
    if (node * NODE === this.nodes.length) {
      const grown = new Int32Array(this.nodes.length * 2)
      grown.set(this.nodes)
      this.nodes = grown
    }
    this.nodes.fill(0, node * NODE, node * NODE + NODE)
    for (let i = 0; i < 4; i++) {
      const keep = Math.min(Math.max(bits - i * 32, 0), 32)
      this.nodes[node * NODE + i] = keep === 0 ? 0 : (address[i] as number) & (-1 << (32 - keep))
    }
    this.nodes[node * NODE + BITS] = bits
    this.values[node] = undefined
    return node
  }
}

function rootOf(prefix: Prefix): number {
  return isV4Prefix(prefix) ? V4_ROOT : V6_ROOT
}

function bitAt(address: Address, bit: number): number {
  return ((address[bit >>> 5] as number) >>> (31 - (bit & 31))) & 1
}

/** Whether the first `bits` bits of the key at `at` are those of the address. */
function nodeContains(nodes: Int32Array, at: number, bits: number, address: Address): boolean {
  const last = bits >>> 5
  for (let i = 0; i < last; i++) {
    if (nodes[at + i] !== address[i]) return false
  }
  const rest = bits & 31
  if (rest === 0) return true
  return (((nodes[at + last] as number) ^ (address[last] as number)) & (-1 << (32 - rest))) === 0
}
