import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KINDS } from '@picket/schemas'
import fc from 'fast-check'
import {
  AllowList,
  type BanLengths,
  banLength,
  DEFAULT_DECISIONS,
  type DecisionRule,
  decide,
  fits,
  NO_MAIL_LIMITS,
  PSAD_SWITCHES,
  type PsadSwitches,
  psadDecisions,
  psadRemarks,
  WhatIf,
} from '../../src/index.ts'
import { alertOf } from '../alerts.ts'
import { BAN_RULE, codes, decided, inputOf, NOW, policyOf, withPrefix } from './deciding.ts'

test('by default level 3 is told and nobody is banned, and level 2 is neither', () => {
  const serious = decide(inputOf({ level: 3 }), DEFAULT_DECISIONS)
  assert.deepEqual(
    serious.tell.map(({ channel }) => channel),
    ['ops'],
  )
  assert.equal(serious.ban, undefined)
  assert.deepEqual(codes(serious), ['rule', 'no-ban-asked'])
  const calm = decide(inputOf({ level: 2 }), DEFAULT_DECISIONS)
  assert.deepEqual([calm.tell, calm.ban, codes(calm)], [[], undefined, ['no-rule']])
})

test('a scan by SYNs is banned for as long as the rule says, and the reasons say what proved it', () => {
  const { ban, reasons } = decided({})
  assert.equal(ban?.subject, '203.0.113.9')
  assert.ok(ban !== undefined && ban.seconds >= 3_600 && ban.seconds <= 3_960)
  assert.match(reasons[1]?.text ?? '', /^banned 203\.0\.113\.9 for 1 hour/)
  assert.match(reasons[2]?.text ?? '', /^proof: SYNs to several of its 100 contacts/)
})

test('a dry run decides the same, and says "would have banned"', () => {
  const [real, dry] = [decided({}), decided({}, { mode: 'dry-run' })]
  assert.deepEqual({ ...dry.ban, mode: 'enabled' }, real.ban)
  assert.match(dry.reasons[1]?.text ?? '', /^would have banned 203\.0\.113\.9 .*dry run/)
  assert.deepEqual(codes(decided({}, { mode: 'no-key' }))[1], 'no-key')
})

test('packets that anybody can send in another’s name ban nobody, and the reason says so', () => {
  for (const techniques of [['udp'], ['icmp-echo'], ['fin'], ['null'], ['xmas'], ['ack', 'window']]) {
    const { ban, reasons } = decided({ techniques, bannable: false })
    assert.equal(ban, undefined)
    assert.match(reasons.at(-1)?.text ?? '', /^not banned: only spoofable evidence/)
  }
  assert.equal(codes(decided({ techniques: ['syn'], bannable: false })).at(-1), 'spoofable')
  assert.equal(codes(decided({ packets: 1, contacts: 1 })).at(-1), 'one-packet')
})

test('what is proof is configurable', () => {
  const udp = inputOf({ techniques: ['udp'], bannable: false })
  const { ban, reasons } = decide(udp, policyOf([BAN_RULE], { proofs: ['none-needed'] }))
  assert.ok(ban !== undefined)
  assert.equal(reasons.find(({ code }) => code === 'proof')?.text, 'proof: anything')
  assert.equal(decide(inputOf({}), policyOf([BAN_RULE], { proofs: ['connection'] })).ban, undefined)
})

test('decoys, backscatter, forged senders and the members of a distributed scan are never banned', () => {
  for (const kind of ['decoy_scan', 'backscatter', 'spoof_suspect', 'distributed_scan'] as const)
    assert.equal(codes(decided({ kinds: ['vertical_scan', kind] })).at(-1), 'suspect-kind')
  const group = decided({ source: null, members: ['203.0.113.1', '203.0.113.2'], prefix: '203.0.113.0/24' })
  assert.equal(codes(group).at(-1), 'many-sources')
  assert.equal(codes(decided({ kinds: ['outbound_scan'] })).at(-1), 'own-host')
  for (const source of ['127.0.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', 'fe80::1'])
    assert.equal(codes(decided({ source })).at(-1), 'special-address')
})

test('an IPv6 source is banned as its /64', () => {
  assert.equal(decided({ source: '2001:db8:1:2::5' }).ban?.subject, '2001:db8:1:2::/64')
})

test('a first start decides about nothing older than an hour', () => {
  const { tell, ban, reasons } = decided({}, { now: NOW + 2 * 3_600_000 })
  assert.deepEqual([tell, ban], [[], undefined])
  assert.match(reasons[0]?.text ?? '', /^its evidence is 2 hours/)
})

test('rules are read in order, and each filter can keep one from fitting', () => {
  const alert = withPrefix(alertOf({ level: 4, score: 80, hosts: ['10.0.0.5'] }), 'SSH DROP ')
  const good: DecisionRule['when'] = {
    ...{ level: 4, score: 80, kinds: ['vertical_scan'], hosts: ['10.0.0.0/24'], prefix: '^SSH' },
    ...{ networks: ['203.0.113.0/24'], exceptNetworks: ['203.0.113.128/25'] },
  }
  assert.ok(fits(good, alert))
  const bad: DecisionRule['when'][] = [
    ...[{ level: 5 as const }, { score: 81 }, { kinds: ['flood' as const] }, { hosts: ['web2'] }],
    ...[{ prefix: 'ESTAB' }, { networks: ['198.51.100.0/24'] }, { exceptNetworks: ['203.0.113.9'] }],
  ]
  for (const filter of bad) assert.ok(!fits({ ...good, ...filter }, alert), JSON.stringify(filter))
  assert.ok(fits({ hosts: ['web1'] }, alert))
  const rules = [
    { ...BAN_RULE, name: 'first', banSeconds: 0 },
    { ...BAN_RULE, name: 'second' },
  ]
  assert.equal(decide(inputOf({}), policyOf(rules)).ban, undefined)
})

test('the rule’s channels are told, and a page is one only where somebody is', () => {
  const rules = [{ ...BAN_RULE, tell: ['pager'], page: true }]
  const told = decide(inputOf({}, { channels: ['ops', 'pager'] }), policyOf(rules))
  assert.deepEqual([told.tell.map(({ channel }) => channel), told.page], [['pager'], true])
  const nobody = decide(inputOf({}, { channels: ['ops'] }), policyOf(rules))
  assert.deepEqual([nobody.tell, nobody.page, codes(nobody)[1]], [[], false, 'no-channel'])
})

const psad = (part: Partial<PsadSwitches>) =>
  psadDecisions({ ...PSAD_SWITCHES, ...part }, DEFAULT_DECISIONS.bans)

test('psad’s levels gate mail and blocks apart from each other', () => {
  const policy = psad({ EMAIL_ALERT_DANGER_LEVEL: 4, ENABLE_AUTO_IDS: true, AUTO_IDS_DANGER_LEVEL: 3 })
  const of = (level: 2 | 3 | 4) => decide(inputOf({ level }), policy)
  assert.deepEqual(
    ([2, 3, 4] as const).map((level) => [of(level).tell.length, of(level).ban !== undefined]),
    [
      [0, false],
      [0, true],
      [1, true],
    ],
  )
  assert.equal(decide(inputOf({ level: 5 }), psad({})).ban, undefined)
})

test('psad’s external script runs below the level of mails, and in spite of their limit', () => {
  const policy = psad({ EMAIL_ALERT_DANGER_LEVEL: 4, EMAIL_LIMIT: 1, ENABLE_EXT_SCRIPT_EXEC: true })
  const told = (level: 2 | 4, mails: number) =>
    decide(
      inputOf({ level }, { channels: ['ops', 'EXTERNAL_SCRIPT'], told: { told: mails, offered: mails } }),
      policy,
    ).tell.map(({ channel }) => channel)
  assert.deepEqual(told(2, 0), ['EXTERNAL_SCRIPT'])
  assert.deepEqual(told(4, 0), ['ops', 'EXTERNAL_SCRIPT'])
  assert.deepEqual(told(4, 1), ['EXTERNAL_SCRIPT'])
})

test('psad’s time-outs hold per level, and 0 is the longest ban allowed', () => {
  const switches = { ENABLE_AUTO_IDS: true, AUTO_IDS_DANGER_LEVEL: 3, AUTO_BLOCK_DL4_TIMEOUT: 60 }
  const seconds = (level: 3 | 4 | 5) => decide(inputOf({ level }), psad(switches)).ban?.seconds ?? 0
  assert.ok(seconds(3) >= 3_600 && seconds(3) <= 3_960)
  assert.ok(seconds(4) >= 60 && seconds(4) <= 66)
  assert.equal(seconds(5), DEFAULT_DECISIONS.bans.lengths.capSeconds)
  assert.match(
    psadRemarks({ ...PSAD_SWITCHES, ...switches }, DEFAULT_DECISIONS.bans)[0] ?? '',
    /^AUTO_BLOCK_TIMEOUT 0 \(level 5\)/,
  )
})

test('psad’s limit counts only mails sent, and its throttle lets one of N through', () => {
  const limited = psad({ EMAIL_LIMIT: 2 })
  assert.equal(decide(inputOf({}, { told: { told: 1, offered: 9 } }), limited).tell.length, 1)
  assert.equal(codes(decide(inputOf({}, { told: { told: 2, offered: 2 } }), limited))[1], 'mail-limit')
  const throttled = psad({ EMAIL_THROTTLE: 10 })
  const passed = Array.from(
    { length: 20 },
    (_, offered) => decide(inputOf({}, { told: { told: 0, offered } }), throttled).tell.length,
  )
  assert.equal(
    passed.reduce((sum, count) => sum + count, 0),
    2,
  )
})

test('ALERT_ALL tells each alert, and N only a rise of the level', () => {
  const known = { judgement: { tell: false, reason: 'nothing-new' } } as const
  assert.equal(decide(inputOf({}, known), psad({})).tell.length, 1)
  assert.equal(decide(inputOf({}, known), psad({ ALERT_ALL: false })).tell.length, 0)
  const kinds = { judgement: { tell: true, reason: 'kinds' } } as const
  assert.equal(codes(decide(inputOf({}, kinds), psad({ ALERT_ALL: false })))[1], 'only-rises')
})

test('AUTO_BLOCK_REGEX bans only where the log prefix fits', () => {
  const policy = psad({ ENABLE_AUTO_IDS: true, AUTO_IDS_DANGER_LEVEL: 3, ENABLE_AUTO_IDS_REGEX: true })
  const with_ = (prefix: string) => decide(inputOf({}, { alert: withPrefix(alertOf({}), prefix) }), policy)
  assert.equal(codes(with_('DROP ')).at(-1), 'prefix-mismatch')
  assert.ok(with_('DROP ESTAB ').ban !== undefined)
})

test('alerts of the past are decided again through other rules, with limits and lengths carried along', () => {
  const what = new WhatIf(policyOf([{ ...BAN_RULE, banSeconds: 60 }]), ['ops'], new AllowList())
  const at = (minutes: number, revision: number, level: 3 | 4 | 5) => {
    const time = NOW + minutes * 60_000
    return { ...alertOf({ level, lastSeen: time }), id: `${revision}`.padStart(16, '0'), time, revision }
  }
  const first = what.replay(at(0, 1, 3))?.decision
  const again = what.replay(at(0.5, 2, 4))?.decision
  const later = what.replay(at(10, 3, 5))?.decision
  assert.equal(again?.reasons.at(-1)?.code, 'already-banned')
  assert.equal(what.replay(at(0, 1, 3)), undefined)
  assert.ok((later?.ban?.seconds ?? 0) >= 2 * (first?.ban?.seconds ?? 0) - 1)
})

const LENGTHS = fc.record<BanLengths>({
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  capSeconds: fc.integer({ min: 1, max: 10_000_000 }),
  memorySeconds: fc.integer({ min: 1, max: 10_000_000 }),
  jitterPercent: fc.integer({ min: 0, max: 100 }),
})
const PAST = fc.array(
  fc
    .integer({ min: 1, max: 20_000_000 })
    .map((ago) => ({ from: NOW - ago * 1000 - 1000, until: NOW - ago * 1000 })),
)

test('a longer history never shortens a ban, and none is longer than the cap', () => {
  fc.assert(
    fc.property(LENGTHS, PAST, PAST, fc.integer({ min: 1, max: 100_000 }), (lengths, some, more, base) => {
      const shorter = banLength('203.0.113.9', base, some, lengths, NOW).seconds
      const longer = banLength('203.0.113.9', base, [...some, ...more], lengths, NOW).seconds
      assert.ok(longer >= shorter && longer <= lengths.capSeconds && shorter >= 1)
    }),
  )
})

test('guilt fades: what ended longer ago than is remembered makes no ban longer', () => {
  const lengths = { factor: 3, capSeconds: 1e9, memorySeconds: 100, jitterPercent: 0 }
  const ended = (ago: number) => [{ from: NOW - 1e6, until: NOW - ago * 1000 }]
  assert.deepEqual(
    [[], ended(99), ended(100)].map((past) => banLength('192.0.2.1', 10, past, lengths, NOW).seconds),
    [10, 30, 10],
  )
})

const INCIDENT = fc.record({
  source: fc.constantFrom('203.0.113.9', '198.51.100.7', '2001:db8::9', null),
  level: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
  kinds: fc.uniqueArray(fc.constantFrom(...KINDS), { maxLength: 3 }),
  bannable: fc.boolean(),
  packets: fc.integer({ min: 1, max: 1_000 }),
  techniques: fc.constantFrom(['syn'], ['udp'], []),
  score: fc.integer({ min: 0, max: 100 }),
})
const RULES = fc
  .array(
    fc.record({
      level: fc.integer({ min: 0, max: 5 }),
      score: fc.integer({ min: 0, max: 100 }),
      banSeconds: fc.constantFrom(0, 60),
    }),
  )
  .map((all) =>
    all.map(({ level, score, banSeconds }, at) => ({
      ...BAN_RULE,
      name: `${at}`,
      when: { level, score },
      banSeconds,
    })),
  )

test('whatever is decided has a reason, no source below every rule is touched, and nobody allowed is banned', () => {
  fc.assert(
    fc.property(INCIDENT, RULES, fc.boolean(), (incident, rules, isAllowed) => {
      const entry = { network: '0.0.0.0/0', until: null, comment: 'ours', from: 'command' } as const
      const allow = new AllowList(isAllowed ? [entry, { ...entry, network: '::/0' }] : [])
      const { reasons, ban, tell } = decide(inputOf(incident, { allow }), policyOf(rules))
      assert.ok(reasons.length > 0)
      assert.ok(reasons.every(({ text }) => text.length > 0))
      if (isAllowed) assert.equal(ban, undefined)
      if (rules.every(({ when }) => incident.level < (when.level ?? 0)))
        assert.deepEqual([tell, ban], [[], undefined])
      if (!incident.bannable && !incident.kinds.includes('brute_connect')) assert.equal(ban, undefined)
    }),
  )
})

test('limits of mail are off unless they are asked for', () => {
  assert.deepEqual(DEFAULT_DECISIONS.mail, NO_MAIL_LIMITS)
})
