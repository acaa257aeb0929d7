import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addTotals, type PartTotals, partsOf, type Story } from '../../src/index.ts'
import { HOUR, NOW } from './books.ts'

const story = (part: Partial<Story> & { readonly id: string }): Story => ({
  source: `10.0.0.${part.id}`,
  prefix: `10.0.0.${part.id}/32`,
  members: [],
  level: 1,
  firstSeen: NOW,
  lastSeen: NOW + HOUR,
  ...part,
})

const large = (id: string, part: Partial<Story> = {}): Story =>
  story({ id, source: null, members: ['10.0.0.1', '10.0.0.2'], level: 3, ...part })

test('a small incident of a member is part of the large one, and what is more than small stands for itself', () => {
  const parts = partsOf([story({ id: '1' }), story({ id: '2', level: 2 }), story({ id: '3' }), large('x')])
  assert.deepEqual([...parts], [['1', 'x']])
})

test('a member that is named by its network is known', () => {
  const parts = partsOf([story({ id: '1' }), large('x', { members: ['10.0.0.1/32'] })])
  assert.deepEqual([...parts], [['1', 'x']])
})

test('what a member did on another day is no part of it', () => {
  const earlier = story({ id: '1', firstSeen: NOW - 9 * HOUR, lastSeen: NOW - 1 })
  assert.equal(partsOf([earlier, large('x')]).size, 0)
})

test('of several large incidents the worst has the member', () => {
  assert.equal(partsOf([large('x'), large('y', { level: 4 }), story({ id: '1' })]).get('1'), 'y')
})

const part = (more: Partial<PartTotals>): PartTotals => ({
  ...{ batches: 0, packets: 0, from: 0, to: 0, observed: {}, protocols: {}, sources: {}, ports: {} },
  ...{ prefixes: {}, reporters: {}, missing: 0, repeated: 0, late: 0, ahead: 0 },
  ...more,
})

test('totals of partitions are added, and one without packets says nothing of the time', () => {
  const sum = addTotals([
    part({ batches: 1, packets: 5, from: 100, to: 200, ports: { 'tcp/22': 4, 'tcp/23': 1 }, missing: 2 }),
    part({}),
    part({ batches: 2, packets: 3, from: 50, to: 150, ports: { 'tcp/22': 3 }, late: 1 }),
  ])
  assert.deepEqual([sum.batches, sum.packets, sum.from, sum.to, sum.missing, sum.late], [3, 8, 50, 200, 2, 1])
  assert.deepEqual({ ...sum.ports }, { 'tcp/22': 7, 'tcp/23': 1 })
})

test('a name that a stranger chose is a name like any other', () => {
  const sum = addTotals([part({ packets: 1, prefixes: JSON.parse('{"__proto__":3,"constructor":1}') })])
  assert.deepEqual(Object.entries(sum.prefixes), [
    ['__proto__', 3],
    ['constructor', 1],
  ])
})
