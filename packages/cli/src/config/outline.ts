/**
 * Outline: the configuration's JSON Schema as a tree of entries, for suggestions, `show` and the docs.
 *
 * JSON Schema is what zod hands out about itself; walking it keeps everything that is printed about
 * the configuration derived from the one schema in the code.
 */
import { z } from 'zod'
import type { Path } from './fault.ts'
import { CONFIG } from './schema.ts'

export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** Of a map whose keys are the user's names: what stands under each. */
  readonly additionalProperties?: JsonSchema | boolean
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
}

export interface Entry {
  readonly name: string
  readonly schema: JsonSchema
}

/** As a file is written. zod leaves out the defaults of what it transforms, but those are what a reader wants to know. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(CONFIG, {
    io: 'input',
    override: ({ zodSchema, jsonSchema: schema }) => {
      const { def } = zodSchema._zod
      if (def.type === 'default') schema.default ??= (def as { defaultValue?: unknown }).defaultValue as never
    },
  }) as JsonSchema
}

/** The keys that may stand at a path, given what the file says so far (unions are told apart by it). */
export function entriesAt(path: Path, value: unknown): Entry[] {
  let schema: JsonSchema | undefined = jsonSchema()
  let at = value
  for (const step of path) {
    schema = stepInto(schema, step, at)
    at = at !== null && typeof at === 'object' ? (at as Record<string | number, unknown>)[step] : undefined
    if (schema === undefined) return []
  }
  return entriesOf(schema, at)
}

export function entriesOf(schema: JsonSchema, value: unknown): Entry[] {
  const branch = branchFor(schema, value)
  const named = namedSchema(branch)
  const names = named !== undefined && isMap(value) ? Object.keys(value) : []
  return [
    ...Object.entries(branch.properties ?? {}).map(([name, entry]) => ({ name, schema: entry })),
    ...names.map((name) => ({ name, schema: named ?? {} })),
  ]
}

function stepInto(schema: JsonSchema, step: string | number, value: unknown): JsonSchema | undefined {
  const branch = branchFor(schema, value)
  return typeof step === 'number' ? branch.items : (branch.properties?.[step] ?? namedSchema(branch))
}

/** What stands under each name of a map whose names are the user's. */
export function namedSchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** The branch of a union that this value means: by its discriminating constant, else the first of its shape. */
export function branchFor(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(flattened)
  if (branches.length === 0) return schema
  return (
    branches.find((branch) => branch.properties !== undefined && constantsFit(branch, value)) ??
    branches.find(({ type }) => type === (Array.isArray(value) ? 'array' : typeof value)) ??
    schema
  )
}

export function flattened(schema: JsonSchema): JsonSchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return inner.length === 0 ? [schema] : inner.flatMap(flattened)
}

function constantsFit(branch: JsonSchema, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const held = value as Record<string, unknown>
  return Object.entries(branch.properties ?? {}).every(
    ([name, entry]) => entry.const === undefined || entry.const === held[name],
  )
}
