/**
 * Schema: an Avro schema as JSON, as far as ours go (no enum, no fixed, no recursion; a union is null or one other type).
 *
 * Its fingerprint names it in every message. It is taken over the parsing canonical form, so docs and defaults do not
 * change it: two versions that differ in a default alone cannot be told apart.
 */
export type Schema = string | readonly Schema[] | RecordSchema | ArraySchema | MapSchema

export interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly fields: readonly FieldSchema[]
}

export interface FieldSchema {
  readonly name: string
  readonly type: Schema
  readonly default?: unknown
}

export interface ArraySchema {
  readonly type: 'array'
  readonly items: Schema
}

export interface MapSchema {
  readonly type: 'map'
  readonly values: Schema
}

/** Parsing canonical form (Avro 1.11, "Transforming into Parsing Canonical Form"). */
export function canonicalForm(schema: Schema, namespace = ''): string {
  if (typeof schema === 'string') return JSON.stringify(schema)
  if (isUnion(schema)) return `[${schema.map((branch) => canonicalForm(branch, namespace)).join(',')}]`
  switch (schema.type) {
    case 'array':
      return `{"type":"array","items":${canonicalForm(schema.items, namespace)}}`
    case 'map':
      return `{"type":"map","values":${canonicalForm(schema.values, namespace)}}`
    case 'record':
      return canonicalRecord(schema, schema.namespace ?? namespace)
    default:
      // A primitive written the long way: {"type": "int"}
      return canonicalForm((schema as { type: Schema }).type, namespace)
  }
}

function canonicalRecord({ name, fields }: RecordSchema, namespace: string): string {
  const fullName = namespace === '' || name.includes('.') ? name : `${namespace}.${name}`
  const texts = fields.map(
    (field) => `{"name":${JSON.stringify(field.name)},"type":${canonicalForm(field.type, namespace)}}`,
  )
  return `{"name":${JSON.stringify(fullName)},"type":"record","fields":[${texts.join(',')}]}`
}

export function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema)
}

/** CRC-64-AVRO of nothing; also its polynomial (reflected). */
const EMPTY = 0xc15d213aa4d7a795n

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let entry = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ (EMPTY & -(entry & 1n))
  return entry
})

export function fingerprint(canonical: string): bigint {
  let print = EMPTY
  for (const byte of Buffer.from(canonical, 'utf8')) {
    print = (print >> 8n) ^ (TABLE[Number(print & 255n) ^ byte] as bigint)
  }
  return print
}
