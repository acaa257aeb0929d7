import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAutoDl } from '../src/detect/rules/auto-dl.ts'
import {
  assignmentOf,
  compileRules,
  isHome,
  isIgnored,
  NO_RULES,
  type RuleSettings,
  type Rules,
} from '../src/detect/rules/rules.ts'
import { packetOf, type Wanted } from './rules-packets.ts'

function rulesOf(settings: RuleSettings): Rules {
  const { rules, faults } = compileRules(settings)
  assert.deepEqual(faults, [])
  return rules
}

function levelOf(lines: string, wanted: Wanted): number {
  const { entries, faults } = parseAutoDl(lines, 'auto_dl')
  assert.deepEqual(faults, [])
  return assignmentOf(rulesOf({ autoDl: entries }), packetOf(wanted))
}

test('without rules nothing is ignored, assigned or at home', () => {
  const packet = packetOf({})
  assert.equal(isIgnored(NO_RULES, packet), false)
  assert.equal(assignmentOf(NO_RULES, packet), -1)
  assert.equal(isHome(NO_RULES, packet.dst), false)
})

test('destination ports are ignored per protocol, as psad writes them', () => {
  const rules = rulesOf({ ignore: { ports: ['tcp/61000-61356, udp/53'] } })
  const ignored = (wanted: Wanted) => isIgnored(rules, packetOf(wanted))
  assert.equal(ignored({ dpt: 61_000 }), true)
  assert.equal(ignored({ dpt: 61_356 }), true)
  assert.equal(ignored({ dpt: 60_999 }), false)
  assert.equal(ignored({ dpt: 61_357 }), false)
  assert.equal(ignored({ dpt: 53 }), false)
  assert.equal(ignored({ proto: 17, dpt: 53 }), true)
  assert.equal(ignored({ proto: 17, dpt: 22, spt: 53 }), false)
  assert.equal(ignored({ proto: 17, dpt: -1 }), false)
})

test('protocols are ignored by name and by number', () => {
  const rules = rulesOf({ ignore: { protocols: ['igmp, 47', 'UDP'] } })
  const protocols = [2, 47, 17, 6, 1].map((proto) => isIgnored(rules, packetOf({ proto })))
  assert.deepEqual(protocols, [true, true, true, false, false])
})

test('the interface that counts is the one a packet came in by, or went out by when it is our own', () => {
  const rules = rulesOf({ ignore: { interfaces: ['eth1, eth0.1'] } })
  assert.equal(isIgnored(rules, packetOf({ in: 'eth1' })), true)
  assert.equal(isIgnored(rules, packetOf({ in: 'eth0.1', out: 'eth2' })), true)
  assert.equal(isIgnored(rules, packetOf({ in: 'eth0', out: 'eth1' })), false)
  assert.equal(isIgnored(rules, packetOf({ in: '', out: 'eth1' })), true)
  assert.equal(isIgnored(rules, packetOf({ in: 'eth0' })), false)
})

test('a prefix is ignored when an expression is found in it', () => {
  const rules = rulesOf({ ignore: { prefixes: ['^\\[UFW AUDIT', 'TEST$'] } })
  assert.equal(isIgnored(rules, packetOf({ prefix: '[UFW AUDIT] ' })), true)
  assert.equal(isIgnored(rules, packetOf({ prefix: '[UFW BLOCK] ' })), false)
  assert.equal(isIgnored(rules, packetOf({ prefix: 'A TEST' })), true)
})

test('an expression is asked once for each distinct prefix', () => {
  const rules = rulesOf({ ignore: { prefixes: ['DROP'] } })
  const expression = rules.ignore.prefixes[0] as RegExp
  let asked = 0
  const test = expression.test.bind(expression)
  expression.test = (text) => {
    asked++
    return test(text)
  }
  for (let i = 0; i < 100; i++) isIgnored(rules, packetOf({ prefix: i % 2 === 0 ? 'DROP ' : 'LOG ' }))
  assert.equal(asked, 2)
})

test('sources and destinations are ignored by address and by network, in both families', () => {
  const rules = rulesOf({
    ignore: { sources: ['203.0.113.0/24', '2001:db8::/32'], destinations: ['10.0.0.255'] },
  })
  assert.equal(isIgnored(rules, packetOf({})), true)
  assert.equal(isIgnored(rules, packetOf({ src: '2001:db8:1::1' })), true)
  assert.equal(isIgnored(rules, packetOf({ src: '198.51.100.1' })), false)
  assert.equal(isIgnored(rules, packetOf({ src: '198.51.100.1', dst: '10.0.0.255' })), true)
})

test('an allowed source is ignored, and no assignment brings it back', () => {
  const rules = rulesOf({
    allow: ['203.0.113.0/24'],
    assignments: [{ network: '203.0.113.9', level: 5 }],
  })
  assert.equal(isIgnored(rules, packetOf({})), true)
  assert.equal(assignmentOf(rules, packetOf({})), 5)
})

test('psad writes NONE for an empty list', () => {
  const ignore = { ports: ['NONE'], protocols: ['NONE'], interfaces: ['NONE'], prefixes: ['NONE'] }
  assert.equal(rulesOf({ ignore }).ignore.empty, true)
})

test('every fault of the settings is told at once, with its place', () => {
  const { faults } = compileRules({
    allow: ['10.0.0.0/33'],
    homeNet: ['10.0.0.0/8', 'home'],
    ignore: {
      ports: ['tcp/1, udp/70000', 'tcp', 'tcp/9-1'],
      protocols: ['tpc'],
      prefixes: ['('],
      sources: ['x'],
    },
    assignments: [
      { network: 'y', level: 9, only: 'tcp/http' },
      { network: '10.0.0.1', level: 5 },
    ],
  })
  assert.deepEqual(
    faults.map((fault) => fault.path),
    [
      'assignments[0].network',
      'assignments[0].level',
      'assignments[0].only',
      'allow[0]',
      'ignore.protocols[0]',
      'ignore.ports[0]',
      'ignore.ports[1]',
      'ignore.ports[2]',
      'ignore.prefixes[0]',
      'ignore.sources[0]',
      'homeNet[1]',
    ],
  )
  for (const fault of faults) assert.ok(fault.reason.length > 10)
})

test('an assignment holds for an address, for its network, and for either family', () => {
  assert.equal(levelOf('203.0.113.9 5;', {}), 5)
  assert.equal(levelOf('203.0.113.0/24 5;', {}), 5)
  assert.equal(levelOf('203.0.113.0/255.255.255.0 5', {}), 5)
  assert.equal(levelOf('203.0.112.0/24 5;', {}), -1)
  assert.equal(levelOf('2001:db8::1 0;', { src: '2001:0db8:0000:0000:0000:0000:0000:0001' }), 0)
  assert.equal(levelOf('2001:0db8:0000:0000:0000:0000:0000:0001 0', { src: '2001:db8::1' }), 0)
})

test('an assignment with criteria holds for its protocols and ports only', () => {
  assert.equal(levelOf('203.0.113.0/24 5 tcp;', {}), 5)
  assert.equal(levelOf('203.0.113.0/24 5 udp;', {}), -1)
  assert.equal(levelOf('203.0.113.0/24 5 udp/53, tcp/1-1024;', {}), 5)
  assert.equal(levelOf('203.0.113.0/24 5 udp/53, tcp/1-1024;', { dpt: 1025 }), -1)
  assert.equal(levelOf('203.0.113.0/24 5 icmp;', { proto: 1, dpt: -1 }), 5)
  assert.equal(levelOf('203.0.113.0/24 5 tcp/1-1024;', { dpt: -1 }), -1)
})

test('of several entries the most specific decides, whatever their order', () => {
  const lines = [
    '203.0.0.0/8 1',
    '203.0.113.0/24 3',
    '203.0.113.0/24 2 udp',
    '203.0.113.9 4 tcp/22',
    '203.0.113.9 5 tcp/1-1024',
  ]
  const cases: [Wanted, number][] = [
    [{}, 4],
    [{ dpt: 23 }, 5],
    [{ dpt: 2000 }, 3],
    [{ proto: 17 }, 2],
    [{ proto: 47, dpt: -1 }, 3],
    [{ src: '203.0.113.10', dpt: 22 }, 3],
    [{ src: '203.9.9.9' }, 1],
    [{ src: '204.0.0.1' }, -1],
  ]
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      for (const [wanted, level] of cases) assert.equal(levelOf(shuffled.join('\n'), wanted), level)
    }),
  )
})

test('of equally specific entries the later wins', () => {
  assert.equal(levelOf('203.0.113.9 3\n203.0.113.9 4', {}), 4)
  assert.equal(levelOf('203.0.113.9 3 tcp/22\n203.0.113.9/32 4 tcp/22', {}), 4)
})
