/**
 * Show: the configuration that holds, as YAML, with the origin of every value.
 *
 * It can be fed back as a configuration. What a source or a policy leaves out is filled in from the
 * schema, exactly as the run does.
 */
import type { Path } from './fault.ts'
import { valueAt } from './issues.ts'
import { branchFor, type Entry, entriesOf, type JsonSchema, jsonSchema } from './outline.ts'
import type { YamlFile } from './yaml-file.ts'

export interface ShownValue {
  readonly path: Path
  readonly value: unknown
  /** `default`, or the file and line. */
  readonly from: string
}

/** Every value that holds, in the order of the schema. */
export function effectiveValues(yaml: YamlFile): ShownValue[] {
  return valuesUnder(jsonSchema(), [], yaml)
}

function valuesUnder(schema: JsonSchema, path: Path, yaml: YamlFile): ShownValue[] {
  const given = valueAt(yaml.value, path)
  if (given === undefined && schema.default === undefined && path.length > 0) return constantOf(schema, path)
  const { value, entries } = expanded(schema, given ?? schema.default)
  if (entries.length > 0 && !Array.isArray(value)) {
    return entries.flatMap((entry) => valuesUnder(entry.schema, [...path, entry.name], yaml))
  }
  if (Array.isArray(given) && given.length > 0 && given.some(isObject)) {
    const items = branchFor(schema, given).items ?? {}
    return given.flatMap((_, at) => valuesUnder(items, [...path, at], yaml))
  }
  return [{ path, value, from: given === undefined ? 'default' : originOf(yaml, path) }]
}

/** A policy that is given by its name alone stands for all of its thresholds. */
function expanded(
  schema: JsonSchema,
  value: unknown,
): { readonly value: unknown; readonly entries: Entry[] } {
  const whole = typeof value === 'string' ? { name: value } : value
  return { value, entries: isObject(whole) || whole === undefined ? entriesOf(schema, whole ?? {}) : [] }
}

/** The name or type that tells one map of a union from another. */
function constantOf(schema: JsonSchema, path: Path): ShownValue[] {
  return schema.const === undefined ? [] : [{ path, value: schema.const, from: 'default' }]
}

function originOf(yaml: YamlFile, path: Path): string {
  return `${yaml.file}:${yaml.placeOf(path).line}`
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Indented YAML; each value carries its origin as a comment. */
export function printEffective(values: readonly ShownValue[]): string {
  const lines: string[] = []
  let open: Path = []
  for (const { path, value, from } of values) {
    const shared = sharedLength(open, path)
    for (let depth = shared; depth < path.length - 1; depth++)
      lines.push(`${indent(path, depth)}${keyAt(path, depth)}:`)
    const text = `${indent(path, path.length - 1)}${keyAt(path, path.length - 1)}${scalar(path, value)}`
    lines.push(`${text.padEnd(48)} # ${from}`)
    open = path
  }
  return `${mergeItems(lines).join('\n')}\n`
}

function sharedLength(a: Path, b: Path): number {
  let length = 0
  while (length < Math.min(a.length, b.length) - 1 && a[length] === b[length]) length++
  return length
}

function indent(path: Path, depth: number): string {
  return '  '.repeat(path.slice(0, depth).length)
}

function keyAt(path: Path, depth: number): string {
  const step = path[depth]
  return typeof step === 'number' ? '-' : String(step)
}

function scalar(path: Path, value: unknown): string {
  const isItem = typeof path[path.length - 1] === 'number'
  return `${isItem ? ' ' : ': '}${JSON.stringify(value)}`
}

/** `-:` on a line of its own opens a list item that is a map; YAML wants its first key beside the dash. */
function mergeItems(lines: readonly string[]): string[] {
  const merged: string[] = []
  for (const line of lines) {
    const last = merged[merged.length - 1]
    if (last?.trimStart() === '-:') merged[merged.length - 1] = `${last.slice(0, -2)}- ${line.trimStart()}`
    else merged.push(line)
  }
  return merged
}
