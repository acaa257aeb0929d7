/** What is protected is found whichever way round a ban touches it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrefix } from '@picket/schemas'
import { NeverBan, type NeverEntry } from '../../src/enforce/never-ban.ts'
import type { RefusalReason } from '../../src/enforce/refusals.ts'
import { readSubject } from '../../src/enforce/subject.ts'

const NOW = 1_764_000_000_000

function entry(text: string, reason: RefusalReason, until?: number): NeverEntry {
  const prefix = parsePrefix(text)
  assert.ok(prefix !== undefined)
  return { prefix, reason, note: text, until }
}

function reasonFor(never: NeverBan, text: string): string {
  const subject = readSubject(text)
  assert.ok(subject !== undefined, text)
  return never.find(subject)?.reason ?? 'none'
}

test('what no host may ban is protected without being told', () => {
  const never = new NeverBan([], NOW)
  const expected = {
    '127.0.0.1': 'loopback',
    '::1': 'loopback',
    '0.0.0.0': 'unspecified',
    '::': 'unspecified',
    '224.0.0.1': 'multicast',
    'ff02::1': 'multicast',
    '255.255.255.255': 'broadcast',
    '169.254.169.254': 'link-local',
    'fe80::1': 'link-local',
    'fe80::/64': 'link-local',
    '203.0.113.9': 'none',
    '2001:db8::9': 'none',
  }
  for (const [text, reason] of Object.entries(expected)) assert.equal(reasonFor(never, text), reason, text)
})

test('a prefix is refused for one protected address in it, wherever it lies', () => {
  for (const gateway of ['203.0.113.0', '203.0.113.77', '203.0.113.255']) {
    const never = new NeverBan([entry(gateway, 'gateway')], NOW)
    assert.equal(reasonFor(never, '203.0.113.0/24'), 'gateway', gateway)
    assert.equal(reasonFor(never, '203.0.112.0/24'), 'none')
    assert.equal(reasonFor(never, '203.0.114.0/24'), 'none')
  }
})

test('a /64 is refused for an address of ours in it', () => {
  const never = new NeverBan([entry('2001:db8:1:2::5', 'own-address')], NOW)
  assert.equal(reasonFor(never, '2001:db8:1:2::/64'), 'own-address')
  assert.equal(reasonFor(never, '2001:db8:1:3::/64'), 'none')
})

test('a host and a narrower prefix within an allowed network are refused', () => {
  const never = new NeverBan([entry('192.0.2.0/24', 'allowlisted'), entry('192.0.2.1', 'gateway')], NOW)
  assert.equal(reasonFor(never, '192.0.2.1'), 'gateway')
  assert.equal(reasonFor(never, '192.0.2.9'), 'allowlisted')
  assert.equal(reasonFor(never, '192.0.2.128/25'), 'allowlisted')
  assert.notEqual(reasonFor(never, '192.0.2.0/25'), 'none')
})

test('an entry protects until its end', () => {
  const entries = [entry('192.0.2.9', 'allowlisted', NOW + 1)]
  assert.equal(reasonFor(new NeverBan(entries, NOW), '192.0.2.9'), 'allowlisted')
  assert.equal(reasonFor(new NeverBan(entries, NOW + 1), '192.0.2.9'), 'none')
})

test('the kernel’s list holds no two networks that overlap', () => {
  const texts = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3',
    '10.255.255.255',
    '11.0.0.0/8',
    '2001:db8::/32',
    '2001:db8::1',
  ]
  const subjects = new NeverBan(
    texts.map((text) => entry(text, 'allowlisted')),
    NOW,
  ).subjects()
  const named = subjects.map(({ text }) => text)
  for (const text of ['10.0.0.0/8', '11.0.0.0/8', '2001:db8::/32', '127.0.0.0/8', 'fe80::/10'])
    assert.ok(named.includes(text), text)
  for (const text of ['10.1.0.0/16', '10.1.2.3', '10.255.255.255', '2001:db8::1'])
    assert.ok(!named.includes(text), text)
})
