import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mix } from '@picket/schemas'
import fc from 'fast-check'
import { isProbedWithin, probedMinutes, rememberMinute, THIS_MINUTE } from '../src/detect/picket/contact.ts'
import { HostSet, hashHost, MAX_HOSTS } from '../src/detect/picket/host-set.ts'
import { Pace } from '../src/detect/picket/pace.ts'
import { PortSet } from '../src/detect/picket/port-set.ts'
import { printPorts } from '../src/detect/port-ranges.ts'
import { Sketch } from '../src/detect/sketch.ts'
import { isPrivate, isSpecial } from '../src/detect/special-address.ts'
import { address, upTo } from './packets.ts'

test('a set of ports is exact, also where the table becomes a bitmap', () => {
  const ports = fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 6000 })
  fc.assert(
    fc.property(ports, (list) => {
      const set = new PortSet()
      for (const port of list) set.add(port)
      const expected = [...new Set(list)].sort((a, b) => a - b)
      assert.deepEqual(set.ports(), expected)
      assert.equal(set.size, expected.length)
    }),
    { numRuns: 30 },
  )
  const all = new PortSet()
  for (const port of upTo(65_536)) all.add(65_535 - port)
  assert.equal(all.size, 65_536)
  assert.equal(printPorts(all.ports()), '0-65535')
})

test('a full set of hosts keeps the same hosts whatever the order', () => {
  const hosts = upTo(1000).map((i) => address(`10.0.${i >> 8}.${i & 255}`))
  const keep = (order: Int32Array[]) => {
    const set = new HostSet(1)
    for (const host of order) if (set.find(host) < 0) set.add(host)
    return upTo(set.size)
      .map((i) => (set.addressOf(i)[3] as number) >>> 0)
      .sort((a, b) => a - b)
  }
  const kept = keep(hosts)
  assert.equal(kept.length, MAX_HOSTS)
  assert.deepEqual(keep([...hosts].reverse()), kept)
  const lowest = hosts.map((host) => hashHost(host) >>> 0).sort((a, b) => a - b)[MAX_HOSTS - 1] as number
  assert.ok(kept.every((word) => hashHost(Int32Array.of(0, 0, 0xffff, word)) >>> 0 <= lowest))
})

test('the sketch estimates within ten per cent and never falls', () => {
  const sketch = new Sketch()
  let last = 0
  for (const i of upTo(200_000)) {
    if (!sketch.add(mix(i + 1))) continue
    const estimate = sketch.estimate()
    assert.ok(estimate >= last)
    last = estimate
  }
  assert.ok(Math.abs(last - 200_000) < 20_000, `${last}`)
})

test('an empty sketch counts nothing and a small one nearly exactly', () => {
  const sketch = new Sketch()
  assert.equal(sketch.estimate(), 0)
  for (const i of upTo(50)) sketch.add(mix(i + 1))
  assert.ok(Math.abs(sketch.estimate() - 50) <= 3)
})

test('three contacts of one clock hour are fast, in any order', () => {
  const fast = (probes: readonly [number, number][]) => {
    const pace = new Pace()
    for (const [minute, contact] of probes) pace.see(minute, contact)
    return pace.isFast
  }
  assert.equal(
    fast([
      [60, 1],
      [80, 2],
      [119, 3],
    ]),
    true,
  )
  assert.equal(
    fast([
      [60, 1],
      [80, 2],
      [120, 3],
    ]),
    false,
  )
  assert.equal(
    fast([
      [60, 1],
      [61, 1],
      [80, 2],
      [119, 2],
    ]),
    false,
  )
  assert.equal(
    fast([
      [60, 1],
      [120, 3],
      [80, 2],
      [119, 4],
    ]),
    true,
  )
  assert.equal(
    fast([
      [120, 1],
      [119, 2],
      [60, 3],
      [119, 4],
    ]),
    true,
  )
})

test('the minutes of a contact are the same whatever the order', () => {
  const minutes = fc.array(fc.integer({ min: 1000, max: 1030 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(minutes, (list) => {
      const newest = Math.max(...list)
      let marks = THIS_MINUTE
      let seen = list[0] as number
      for (const minute of list) {
        marks = rememberMinute(marks, seen, minute)
        seen = Math.max(seen, minute)
      }
      const expected = [...new Set(list)].filter((minute) => newest - minute < 16).sort((a, b) => a - b)
      assert.deepEqual(probedMinutes(marks, newest), expected)
      for (const from of upTo(40, 990)) {
        const isWithin = expected.some((minute) => minute >= from && minute <= from + 4)
        assert.equal(isProbedWithin(marks, newest, from, from + 4), isWithin)
      }
    }),
  )
})

test('ports are printed as ranges', () => {
  assert.equal(printPorts([22, 80, 1000, 1001, 1002, 65_535]), '22,80,1000-1002,65535')
  assert.equal(printPorts([]), '')
})

test('inside and special addresses are known', () => {
  const inside = [
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.9.9',
    '127.0.0.1',
    'fd77::1',
    'fe80::1',
    '::1',
  ]
  const outside = ['172.32.0.1', '100.128.0.1', '203.0.113.9', '2001:db8::1', '9.9.9.9']
  const special = ['0.1.2.3', '224.0.0.1', '255.255.255.255', 'ff02::1', '::']
  for (const text of inside) assert.ok(isPrivate(address(text)) && isSpecial(address(text)), text)
  for (const text of outside) assert.ok(!isPrivate(address(text)) && !isSpecial(address(text)), text)
  for (const text of special) assert.ok(!isPrivate(address(text)) && isSpecial(address(text)), text)
})
