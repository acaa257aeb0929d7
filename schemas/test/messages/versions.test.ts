import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { newCodec, type PacketBatch, type PacketRecord, VERSIONS } from '../../src/messages/index.ts'
import type { RecordSchema, Schema } from '../../src/messages/schema.ts'
import { anyOf, plain } from './samples.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** The same schemas elsewhere, with this text of packet-batch.avsc. */
function checkWith(change: (text: string) => string): { status: number | null; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'picket-schemas-'))
  try {
    for (const name of ['avro', 'history', 'src']) {
      cpSync(join(ROOT, 'schemas', name), join(folder, name), { recursive: true })
    }
    const file = join(folder, 'avro', 'packet-batch.avsc')
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    const script = join(ROOT, 'scripts/generate-types.mjs')
    return spawnSync(process.execPath, [script, '--check', '--folder', folder], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the types and versions are those of the schemas, and each schema is its newest version', () => {
  const { status, stderr } = checkWith((text) => text)
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
})

test('a changed schema without a new version fails', () => {
  const { status, stderr } = checkWith((text) =>
    text.replace('"name": "seq", "type": "long"', '"name": "seq", "type": "int"'),
  )
  assert.equal(status, 1)
  assert.match(stderr, /packet-batch\.avsc is not its newest version/)
})

test('changed words alone need no new version, but new types', () => {
  const { status, stderr } = checkWith((text) =>
    text.replace('One packet, or several', 'One packet or several'),
  )
  assert.equal(status, 1)
  assert.doesNotMatch(stderr, /newest version/)
  assert.match(stderr, /messages\/packet-batch\.ts is not what the schemas say/)
})

/** Every pair of an older and a newer version. */
function pairs(versions: readonly string[]): (readonly [string, string])[] {
  return versions.flatMap((older, i) => versions.slice(i + 1).map((newer) => [older, newer] as const))
}

/** Whatever one writes the other reads. */
function assertReads(reader: string, writer: string): void {
  const reading = newCodec([reader], [writer])
  const writing = newCodec([writer])
  fc.assert(
    fc.property(anyOf(JSON.parse(writer)), (value) => {
      assert.ok(reading.decode(writing.encode(value)).ok)
    }),
    { numRuns: 20 },
  )
}

test('each version reads what every other version writes, older or newer', () => {
  for (const versions of Object.values(VERSIONS)) {
    for (const [older, newer] of pairs(versions)) {
      assertReads(newer, older)
      assertReads(older, newer)
    }
  }
})

/** A second version: fields more in the batch and in each of its packets, all with what to take where they are missing. */
const FIRST = VERSIONS.packetBatch[0]
const SECOND = JSON.stringify(addFields(JSON.parse(FIRST)))

function addFields(batch: RecordSchema): RecordSchema {
  const fields = batch.fields.map((field) =>
    field.name === 'packets'
      ? { ...field, type: withField(field.type, { name: 'vlan', type: 'int', default: -1 }) }
      : field,
  )
  const zone = { name: 'zone', type: ['null', 'string'], default: null }
  // In the midst, so that all behind it stands elsewhere
  return { ...batch, fields: [...fields.slice(0, 2), zone, ...fields.slice(2)] }
}

function withField(array: Schema, field: RecordSchema['fields'][number]): Schema {
  const { items } = array as { items: RecordSchema }
  const [first, ...rest] = items.fields
  return { type: 'array', items: { ...items, fields: [first as typeof field, field, ...rest] } }
}

interface SecondBatch extends PacketBatch {
  readonly zone: string | null
  readonly packets: readonly (PacketRecord & { readonly vlan: number })[]
}

test('F31: a new detector reads what an old agent writes, with the defaults of what it does not say', () => {
  const agent = newCodec<PacketBatch>([FIRST])
  const detector = newCodec<SecondBatch>([FIRST, SECOND])
  fc.assert(
    fc.property(anyOf(JSON.parse(FIRST)), (value) => {
      const batch = value as PacketBatch
      const decoded = detector.decode(agent.encode(batch))
      assert.ok(decoded.ok)
      const packets = batch.packets.map((packet) => ({ ...packet, vlan: -1 }))
      assert.deepEqual(plain(decoded.value), plain({ ...batch, zone: null, packets }))
    }),
  )
})

test('F31: an old detector that was given the new schema reads what a new agent writes, without what it does not know', () => {
  const agent = newCodec<SecondBatch>([FIRST, SECOND])
  const detector = newCodec<PacketBatch>([FIRST], [SECOND])
  fc.assert(
    fc.property(anyOf(JSON.parse(SECOND)), (value) => {
      const batch = value as SecondBatch
      const decoded = detector.decode(agent.encode(batch))
      assert.ok(decoded.ok)
      const { zone: _, ...known } = batch
      const packets = batch.packets.map(({ vlan: __, ...packet }) => packet)
      assert.deepEqual(plain(decoded.value), plain({ ...known, packets }))
    }),
  )
})

test('F31: an old detector that was not given the new schema says so, and takes it for nothing else', () => {
  const agent = newCodec<SecondBatch>([SECOND])
  const [batch] = fc.sample(anyOf(JSON.parse(SECOND)), 1)
  const decoded = newCodec<PacketBatch>([FIRST]).decode(agent.encode(batch as SecondBatch))
  assert.equal(decoded.ok ? 'ok' : decoded.reason, 'unknown-schema')
})

test('a version that needs what older ones do not have is refused before anything is read', () => {
  const third = SECOND.replace('"default":-1', '"order":"ignore"')
  assert.throws(
    () => newCodec([FIRST, third]),
    /no matching field for default-less picket\.PacketRecord\.vlan/,
  )
})
