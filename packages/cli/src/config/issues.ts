/**
 * From zod's issues to faults that a person can act on.
 *
 * A union's issue holds the issues of every branch; only those of the branch that was meant are told,
 * which is the one that accepts the value's type.
 */
import type { core } from 'zod'
import { type Fault, type Path, printPath } from './fault.ts'
import { nearest } from './nearest.ts'
import { entriesAt } from './outline.ts'
import type { YamlFile } from './yaml-file.ts'

type Issue = core.$ZodIssue

export function faultsOf(issues: readonly Issue[], yaml: YamlFile): Fault[] {
  return issues.flatMap((issue) => told(issue, [], yaml))
}

function told(issue: Issue, base: Path, yaml: YamlFile): Fault[] {
  const path = [...base, ...(issue.path as Path)]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, yaml))
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return meantBranch(issue.errors).flatMap((inner) => told(inner, path, yaml))
  }
  return [
    { file: yaml.file, ...yaml.placeOf(path), path: printPath(path), message: messageOf(issue, path, yaml) },
  ]
}

/**
 * The branch that fits the value's type and, if it is one of several maps, its `name` or `type`. When no
 * map has such a name, the names of all are told together.
 */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const flat = branches.flatMap(innerBranches)
  const typed = flat.filter((issues) => !issues.some(isAboutWhole))
  const meant = typed.find((issues) => issues.every((issue) => tagOf(issue) === undefined))
  if (meant !== undefined) return meant
  const tags = typed.flatMap((issues) => issues.filter((issue) => tagOf(issue) !== undefined))
  const [first] = tags
  if (first !== undefined) {
    return [{ ...first, values: tags.flatMap((issue) => tagOf(issue) ?? []) } as Issue]
  }
  return flat.find((issues) => issues.some(({ code }) => code === 'invalid_value')) ?? flat[0] ?? []
}

/** Another type, or another constant, was wanted in place of the whole value. */
function isAboutWhole({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
}

/** A branch that is a union itself stands for its own branches. */
function innerBranches(issues: readonly Issue[]): readonly (readonly Issue[])[] {
  const [only] = issues
  return issues.length === 1 && only?.code === 'invalid_union' && only.path.length === 0
    ? only.errors.flatMap(innerBranches)
    : [issues]
}

/** The constant that a map's `name` or `type` should have been, when it is not. */
function tagOf(issue: Issue): readonly unknown[] | undefined {
  const isTag = issue.code === 'invalid_value' && issue.path.length === 1 && issue.values.length === 1
  return isTag ? issue.values : undefined
}

function unknownKey(path: Path, key: string, yaml: YamlFile): Fault {
  const known = entriesAt(path, yaml.value).map(({ name }) => name)
  const meant = nearest(key, known)
  const hint = meant === undefined ? `; known here: ${known.join(', ')}` : `; did you mean "${meant}"?`
  return {
    file: yaml.file,
    ...yaml.placeOfKey(path, key),
    path: printPath([...path, key]),
    message: `unknown key${hint}`,
  }
}

function messageOf(issue: Issue, path: Path, yaml: YamlFile): string {
  const value = valueAt(yaml.value, path)
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(value, TYPES[issue.expected] ?? issue.expected)
    case 'invalid_value':
      return choice(value, issue.values.map(String))
    case 'invalid_union':
      return 'options' in issue
        ? choice(value, (issue.options as readonly unknown[]).map(String))
        : issue.message
    case 'too_small':
      return `must be at least ${issue.minimum}, not ${shown(value)}`
    case 'too_big':
      return `must be at most ${issue.maximum}, not ${shown(value)}`
    case 'custom':
    case 'invalid_format':
      return `${issue.message}, not ${shown(value)}`
    default:
      return issue.message
  }
}

function wrongType(value: unknown, expected: string): string {
  return value === undefined
    ? `is missing: it must be ${expected}`
    : `must be ${expected}, not ${typeName(value)}`
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

function choice(value: unknown, options: readonly string[]): string {
  if (value === undefined) return `is missing: one of ${options.join(', ')}`
  const meant = typeof value === 'string' ? nearest(value, options) : undefined
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
  return `must be one of ${options.join(', ')}, not ${shown(value)}${hint}`
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : shown(value)
}

export function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) {
    if (at === null || typeof at !== 'object') return undefined
    at = (at as Record<string | number, unknown>)[step]
  }
  return at
}
