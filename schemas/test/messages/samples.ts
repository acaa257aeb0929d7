/** Values of every message, made by fast-check from the schemas themselves: what a schema allows is tried. */
import fc from 'fast-check'
import { type Codec, MESSAGES, type Schema } from '../../src/messages/index.ts'
import { isUnion, type RecordSchema } from '../../src/messages/schema.ts'

export function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  if (typeof schema === 'string') return PRIMITIVES[schema] as fc.Arbitrary<unknown>
  if (isUnion(schema)) return fc.oneof(...schema.map(anyOf))
  switch (schema.type) {
    case 'array':
      return fc.array(anyOf(schema.items), { maxLength: 5 })
    case 'map':
      return fc.dictionary(NAMES, anyOf(schema.values), { maxKeys: 5, noNullPrototype: true })
    default:
      return anyRecord(schema)
  }
}

function anyRecord({ fields }: RecordSchema): fc.Arbitrary<unknown> {
  return fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, anyOf(type)])), {
    noNullPrototype: true,
  })
}

/** A map is a plain object, which has no place for this one: it is left out of what is read. */
const NAMES = fc.string().filter((name) => name !== '__proto__')

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.oneof(fc.integer(), fc.integer({ min: -1, max: 70_000 })),
  long: fc.oneof(fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }), fc.integer()),
  double: fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
  string: fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })),
  bytes: fc.uint8Array({ maxLength: 40 }),
}

/** Every codec with values of its newest version. */
export const SAMPLES: readonly (readonly [Codec<unknown>, fc.Arbitrary<unknown>])[] = Object.values(
  MESSAGES,
).map((codec) => [codec as Codec<unknown>, anyOf(JSON.parse(codec.schema))])

/** Decoded values are avsc's objects and Buffers; this makes them plain. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
