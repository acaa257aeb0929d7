import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressScope, mayReach, mergeFound, rdapFacts, referralOf, whoisFacts } from '../../src/index.ts'

test('the root points to the registry that knows', () => {
  assert.equal(
    referralOf('% IANA WHOIS server\n\nrefer:        whois.ripe.net\n\ninetnum: 193.0.0.0\n'),
    'whois.ripe.net',
  )
  assert.equal(referralOf('ReferralServer:  whois://whois.apnic.net:43\n'), 'whois.apnic.net')
  assert.equal(referralOf('ReferralServer:  rwhois://rwhois.example.net:4321\n'), 'rwhois.example.net')
  assert.equal(referralOf('remarks: refer: nowhere\n'), undefined)
})

test('the abuse contact is found as each registry writes it', () => {
  const ripe =
    "% Abuse contact for '203.0.113.0 - 203.0.113.255' is 'abuse@ripe.example'\n\ninetnum: 203.0.113.0 - 203.0.113.255\nnetname: EXAMPLE-NET\ncountry: nl\norigin: AS64496\n"
  assert.deepEqual(whoisFacts(ripe), {
    abuse: 'abuse@ripe.example',
    network: 'EXAMPLE-NET',
    range: '203.0.113.0 - 203.0.113.255',
    country: 'NL',
    asn: 64496,
    whois: ['inetnum: 203.0.113.0 - 203.0.113.255', 'netname: EXAMPLE-NET', 'country: nl', 'origin: AS64496'],
  })
  const arin =
    'NetRange:       203.0.113.0 - 203.0.113.255\nNetName:        EX\nOrgAbuseEmail:  abuse@arin.example\n'
  assert.equal(whoisFacts(arin).abuse, 'abuse@arin.example')
  assert.equal(whoisFacts('abuse-mailbox: abuse@afrinic.example\r\n').abuse, 'abuse@afrinic.example')
})

test('what does not look like an address of mail is none', () => {
  for (const text of ['a b@c', 'x@y\u0007.example', 'x@y,z@w', '<x@y>', "x'@y", '@', `${'a'.repeat(70)}@b`]) {
    assert.equal(whoisFacts(`abuse-mailbox: ${text}`).abuse, null, text)
  }
})

test('RDAP tells the abuse contact even where it stands inside another entity', () => {
  const card = [
    'vcard',
    [
      ['version', {}, 'text', '4.0'],
      ['email', {}, 'text', 'abuse@rdap.example'],
    ],
  ]
  const answer = {
    objectClassName: 'ip network',
    name: 'EX',
    country: 'DE',
    startAddress: '203.0.113.0',
    endAddress: '203.0.113.255',
    entities: [{ roles: ['registrant'], entities: [{ roles: ['abuse', 'technical'], vcardArray: card }] }],
  }
  assert.deepEqual(rdapFacts(answer), {
    abuse: 'abuse@rdap.example',
    network: 'EX',
    range: '203.0.113.0 - 203.0.113.255',
    country: 'DE',
  })
})

test('no answer of a registry, however broken, is more than an answer without facts', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void whoisFacts(text)))
  fc.assert(fc.property(fc.jsonValue(), (value) => void rdapFacts(value)))
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => void rdapFacts({ entities: [{ roles: ['abuse'], vcardArray: value }] }),
    ),
  )
  let deep: unknown = []
  for (let depth = 0; depth < 10_000; depth++) deep = [{ entities: deep }]
  assert.equal(rdapFacts({ entities: deep }).abuse, null)
})

test('of two that say the same thing the first is believed', () => {
  assert.equal(mergeFound([{ country: null }, { country: 'NL' }, { country: 'DE' }], []).country, 'NL')
})

test('only what the public internet can reach may be sent to, unless it is allowed by name', () => {
  for (const text of [
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.100.100.200',
    '169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '224.0.0.1',
    '255.255.255.255',
    '203.0.113.9',
    'localhost',
    '',
  ]) {
    assert.equal(mayReach(text, []), false, text)
  }
  assert.equal(mayReach('8.8.8.8', []), true)
  assert.equal(mayReach('2a00:1450:4001::1', []), true)
  assert.equal(mayReach('10.1.2.3', ['10.1.0.0/16']), true)
  assert.equal(mayReach('10.2.2.3', ['10.1.0.0/16']), false)
  assert.equal(addressScope('203.0.113.9'), 'documentation')
})
