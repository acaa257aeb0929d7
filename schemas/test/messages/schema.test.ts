import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { canonicalForm, fingerprint, type Schema, VERSIONS } from '../../src/messages/index.ts'

/** Of share/test/data/schema-tests.txt in Apache Avro, which its Java tests cross-check; as signed 64-bit numbers. */
const KNOWN: readonly (readonly [unknown, string, bigint])[] = [
  ['null', '"null"', 7195948357588979594n],
  ['boolean', '"boolean"', -6970731678124411036n],
  ['int', '"int"', 8247732601305521295n],
  [{ type: 'long' }, '"long"', -3434872931120570953n],
  ['bytes', '"bytes"', 5746618253357095269n],
  ['string', '"string"', -8142146995180207161n],
  [['int', { type: 'boolean' }], '["int","boolean"]', 5392556393470105090n],
  [
    { fields: [], type: 'record', name: 'foo', namespace: 'x.y' },
    '{"name":"x.y.foo","type":"record","fields":[]}',
    5916914534497305771n,
  ],
  [
    {
      fields: [
        { type: 'boolean', aliases: [], name: 'f1', default: true },
        { order: 'descending', name: 'f2', doc: 'Hello', type: 'int' },
      ],
      type: 'record',
      name: 'foo',
    },
    '{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},{"name":"f2","type":"int"}]}',
    -4860222112080293046n,
  ],
  [{ values: 'string', type: 'map' }, '{"type":"map","values":"string"}', -8732877298790414990n],
]

test('canonical forms and fingerprints are those of Apache Avro', () => {
  for (const [schema, canonical, print] of KNOWN) {
    assert.equal(canonicalForm(schema as Schema), canonical)
    assert.equal(BigInt.asIntN(64, fingerprint(canonical)), print, canonical)
  }
})

test('the canonical form of each of our schemas is the one that avsc makes', () => {
  for (const versions of Object.values(VERSIONS)) {
    for (const text of versions) {
      const theirs = avsc.Type.forSchema(JSON.parse(text)).schema()
      assert.equal(canonicalForm(JSON.parse(text)), JSON.stringify(theirs))
    }
  }
})

test('no two versions of any message have the same fingerprint', () => {
  const texts = Object.values(VERSIONS).flat()
  const prints = new Set(texts.map((text) => fingerprint(canonicalForm(JSON.parse(text)))))
  assert.equal(prints.size, texts.length)
})
