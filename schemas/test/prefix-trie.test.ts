import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Address,
  isV4,
  isV4Prefix,
  maskAddress,
  type Prefix,
  PrefixTrie,
  parseAddress,
  prefixContains,
  printAddress,
  printPrefix,
} from '../src/index.ts'

/** Few distinct bits, so that prefixes nest, touch and repeat. */
const bitsWord = fc.constantFrom(0, 1, 2, 3, -1, -2, 0x4000_0000, -0x8000_0000, -0x4000_0000)
const address: fc.Arbitrary<Address> = fc.oneof(
  bitsWord.map((low) => Int32Array.of(0, 0, 0xffff, low)),
  fc
    .tuple(bitsWord, fc.constant(0), fc.constantFrom(0, 0xffff), bitsWord)
    .map((words) => Int32Array.from(words)),
)
const prefix: fc.Arbitrary<Prefix> = fc
  .tuple(address, fc.oneof(fc.integer({ min: 0, max: 128 }), fc.integer({ min: 0, max: 4 })))
  .map(([base, n]) => {
    const bits = isV4(base) ? 96 + (n % 33) : n
    return { address: maskAddress(base, bits), bits }
  })

const step = fc.record({ act: fc.constantFrom('set', 'set', 'delete'), prefix, value: fc.nat() })
const steps = fc.array(step, { maxLength: 40 })

function longest(entries: Iterable<[Prefix, number]>, wanted: Address): number | undefined {
  let best: [Prefix, number] | undefined
  for (const entry of entries) {
    if (prefixContains(entry[0], wanted) && entry[0].bits > (best?.[0].bits ?? -1)) best = entry
  }
  return best?.[1]
}

test('it answers as a walk over the list would, whatever was set and deleted before', () => {
  fc.assert(
    fc.property(steps, fc.array(address, { maxLength: 10 }), (acts, probes) => {
      const trie = new PrefixTrie<number>()
      const list = new Map<string, [Prefix, number]>()
      for (const { act, prefix: at, value } of acts) {
        const key = printPrefix(at)
        assert.equal(trie.get(at), list.get(key)?.[1])
        if (act === 'delete') assert.equal(trie.delete(at), list.delete(key))
        else {
          trie.set(at, value)
          list.set(key, [at, value])
        }
      }
      assert.equal(trie.size, list.size)
      const sorted = (all: Iterable<[Prefix, number]>) =>
        [...all].map(([at, v]) => `${printPrefix(at)} ${v}`).sort()
      assert.deepEqual(sorted(trie.entries()), sorted(list.values()))
      for (const probe of [...probes, ...acts.map((act) => act.prefix.address)]) {
        assert.equal(trie.match(probe), longest(list.values(), probe))
      }
    }),
    { numRuns: 2000 },
  )
})

type Family = 'ipv4' | 'ipv6'

function familyOf(each: Prefix | Address): Family {
  return ('bits' in each ? isV4Prefix(each) : isV4(each)) ? 'ipv4' : 'ipv6'
}

test('it contains what one net.BlockList per family contains', () => {
  // BlockList.addSubnet refuses length 0, and lets ::/1 contain IPv4, which we do not.
  const blockable = prefix.filter((each) => each.bits !== (familyOf(each) === 'ipv4' ? 96 : 0))
  fc.assert(
    fc.property(fc.array(blockable), fc.array(address), (prefixes, probes) => {
      const trie = new PrefixTrie<true>()
      const lists = { ipv4: new net.BlockList(), ipv6: new net.BlockList() }
      for (const each of prefixes) {
        const family = familyOf(each)
        trie.set(each, true)
        lists[family].addSubnet(printAddress(each.address), each.bits - (family === 'ipv4' ? 96 : 0), family)
      }
      for (const probe of probes) {
        const family = familyOf(probe)
        assert.equal(trie.match(probe) === true, lists[family].check(printAddress(probe), family))
      }
    }),
  )
})

test('filling and emptying it with ever other networks does not make it grow', () => {
  const trie = new PrefixTrie<number>()
  const capacity = () => (trie as unknown as { nodes: Int32Array }).nodes.length
  const fill = (round: number) => {
    for (let i = 0; i < 1000; i++) {
      trie.set({ address: Int32Array.of(i << 20, round, 0, 0), bits: i % 2 === 0 ? 12 : 64 }, i)
    }
  }
  fill(0)
  const before = capacity()
  for (let round = 1; round < 6; round++) {
    for (const [at] of [...trie.entries()]) trie.delete(at)
    assert.equal(trie.size, 0)
    fill(round)
  }
  assert.equal(capacity(), before)
})

test('entries come in address order, the wider network first', () => {
  const trie = new PrefixTrie<string>()
  for (const [text, bits] of [
    ['10.1.0.0', 112],
    ['10.0.0.0', 104],
    ['2001:db8::', 32],
    ['9.0.0.0', 104],
  ] as const) {
    trie.set({ address: parseAddress(text) as Address, bits }, text)
  }
  assert.deepEqual(
    [...trie.entries()].map(([at]) => printPrefix(at)),
    ['2001:db8::/32', '9.0.0.0/8', '10.0.0.0/8', '10.1.0.0/16'],
  )
})
