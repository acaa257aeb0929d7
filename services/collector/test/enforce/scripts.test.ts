/** What reaches a firewall’s tool holds canonical addresses and our own words, whatever is asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isV4, parsePrefix, printPrefix } from '@picket/schemas'
import fc from 'fast-check'
import { chainsScript, readChain } from '../../src/enforce/chains-script.ts'
import { ipsetApplyScript, readIpsetSave } from '../../src/enforce/ipset-script.ts'
import { readNftListing } from '../../src/enforce/nft-listing.ts'
import { nftApplyScript, nftPrepareScript } from '../../src/enforce/nft-script.ts'
import { readSubject, type Subject } from '../../src/enforce/subject.ts'

const anyText = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 40 })).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 140 })).map(([address, bits]) => `${address}/${bits}`),
  fc.string(),
  fc
    .tuple(fc.ipV4(), fc.constantFrom(' }', '\n', '; flush ruleset', ' timeout 1s', '#', '$(id)', '%eth0'))
    .map((parts) => parts.join('')),
)

const WORDS =
  /^(?:add|delete|del|flush|element|set|inet|picket|picket4|picket6|picketnet4|picketnet6|block4|block6|blocknet4|blocknet6|timeout|\{|\}|\d+s?)$/

function assertCanonical(script: string): void {
  for (const word of script.split(/[\s,]+/).filter((text) => text !== '' && !WORDS.test(text))) {
    const prefix = parsePrefix(word)
    assert.ok(prefix !== undefined && printPrefix(prefix) === word, `"${word}" is no canonical address`)
  }
}

test('scripts hold canonical addresses only, for whatever text is asked', () => {
  fc.assert(
    fc.property(
      fc.array(anyText, { maxLength: 12 }),
      fc.integer({ min: 1, max: 2_147_483 }),
      (texts, seconds) => {
        const subjects = texts.map(readSubject).filter((subject): subject is Subject => subject !== undefined)
        const half = subjects.length >> 1
        const transaction = {
          set: subjects.slice(0, half).map((subject) => ({ subject, seconds })),
          lift: subjects.slice(half),
        }
        assertCanonical(nftApplyScript(transaction))
        assertCanonical(ipsetApplyScript(transaction))
      },
    ),
  )
})

test('a text is a subject only in its one spelling', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const subject = readSubject(text)
      if (subject === undefined) return
      assert.equal(subject.text, text)
      assert.equal(subject.family, isV4(subject.prefix.address) && subject.prefix.bits >= 96 ? 4 : 6)
    }),
  )
  for (const text of [
    '::ffff:1.2.3.4',
    '2001:DB8::1',
    '10.0.0.1/24',
    '10.0.0.1/32',
    '1.2.3',
    ' 1.2.3.4',
    '1.2.3.4\n',
  ])
    assert.equal(readSubject(text), undefined, text)
})

test('the never-ban sets come before every drop', () => {
  const script = nftPrepareScript([])
  assert.ok(script.lastIndexOf('accept\n') < script.indexOf('counter drop'))
})

test('a listing of nft is read, other people’s sets and ranges left alone', () => {
  const listing = readNftListing(
    JSON.stringify({
      nftables: [
        { metainfo: {} },
        {
          set: {
            name: 'block4',
            elem: [{ elem: { val: '203.0.113.9', timeout: 60, expires: 57 } }, '203.0.113.10'],
          },
        },
        {
          set: {
            name: 'blocknet6',
            elem: [
              { elem: { val: { prefix: { addr: '2001:db8:1:2::', len: 64 } }, timeout: 60, expires: 5 } },
            ],
          },
        },
        {
          set: {
            name: 'blocknet4',
            elem: [{ elem: { val: { range: ['10.0.0.1', '10.0.0.9'] }, expires: 5 } }],
          },
        },
        { set: { name: 'neverban4', elem: ['10.0.0.1'] } },
        { rule: {} },
      ],
    }),
  )
  assert.deepEqual(listing?.elements, [
    { subject: '203.0.113.9', seconds: 57 },
    { subject: '203.0.113.10', seconds: Number.POSITIVE_INFINITY },
    { subject: '2001:db8:1:2::/64', seconds: 5 },
  ])
  assert.equal(listing?.rules, 1)
  for (const text of ['', '{}', '[]', 'null', '{"nftables": 5}'])
    assert.equal(readNftListing(text), undefined, text)
})

test('no listing, however broken, makes the readers throw', () => {
  fc.assert(
    fc.property(fc.json(), fc.string(), (json, text) => {
      readNftListing(json)
      readNftListing(`{"nftables": [{"set": {"name": "block4", "elem": ${json}}}]}`)
      readIpsetSave(text)
      readChain(text)
    }),
  )
})

test('an ipset listing without a time-out, or with 0, has no end', () => {
  const text =
    'create picket4 hash:ip\nadd picket4 203.0.113.9 timeout 57\nadd picket4 203.0.113.8 timeout 0\nadd other 1.2.3.4 timeout 5\n'
  assert.deepEqual(readIpsetSave(text), [
    { subject: '203.0.113.9', seconds: 57 },
    { subject: '203.0.113.8', seconds: Number.POSITIVE_INFINITY },
  ])
})

test('the end of a rule is written as xt_time reads it, and read back from its comment', () => {
  const any = fc.integer({ min: 0, max: 2 ** 31 - 1 })
  fc.assert(
    fc.property(any, (until) => {
      const subject = readSubject('203.0.113.9')
      assert.ok(subject !== undefined)
      const script = chainsScript([{ subject, until }], [], true)
      assert.ok(script.includes(` --datestop ${new Date(until * 1000).toISOString().slice(0, 19)} `))
      assert.deepEqual(readChain(script), [{ subject: '203.0.113.9', until }])
    }),
  )
})
