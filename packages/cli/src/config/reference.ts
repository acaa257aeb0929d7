/**
 * Reference: docs/configuration.md, written from the schema.
 *
 * Tables hold what a reader looks up: key, type, default, meaning. Nothing is said here that the
 * schema does not say; to change the page, change the schema.
 */
import { flattened, type JsonSchema, jsonSchema, namedSchema } from './outline.ts'

const HEAD = `# Configuration

<!-- Written by \`npm run docs\` from packages/cli/src/config; do not edit. -->

One YAML file: the argument of \`--config\`, else \`$PICKET_CONFIG\`, else \`/etc/picket/picket.yaml\`. Every key has a
default, so an empty file is a good beginning. An unknown key is a fault. \`picket config check\` tells all faults at
once with line and column; \`picket config show\` prints what holds and where each value comes from;
\`picket config schema\` prints the JSON Schema for editors. \`picket analyze --policy FILE\` and \`picket explain --policy
FILE\` take the sections \`policy\`, \`rules\` and \`verdicts\` of the same file.

Durations are written \`30s\`, \`5m\`, \`24h\` or \`7d\`. \`SIGHUP\` makes a running guard read the file again.

\`\`\`yaml
sources:
  - type: journal
policy:
  name: psad
  DANGER_LEVEL1: 10
rules:
  homeNet: [10.0.0.0/8]
  allow: [192.0.2.10]            # our monitoring
  ignore:
    ports: [udp/5353, tcp/113]
  assignments: /etc/psad/auto_dl
alerts:
  format: json
\`\`\`
`

export function referencePage(): string {
  const properties = jsonSchema().properties ?? {}
  const sections = Object.entries(properties).map(([name, schema]) => section(name, schema, 2))
  return `${[HEAD, ...sections].join('\n')}`
}

function section(name: string, schema: JsonSchema, depth: number): string {
  const parts = [`${'#'.repeat(depth)} \`${name}\``, '', schema.description ?? '']
  const rows = leavesOf(schema)
  if (rows.length === 0)
    parts.push('', `Type: ${typeText(schema)}. Default: ${defaultText(schema) || 'none'}.`)
  for (const { title, properties } of rows) {
    if (title !== '') parts.push('', title)
    parts.push(
      '',
      '| key | type | default | meaning |',
      '| --- | --- | --- | --- |',
      ...table('', properties),
    )
  }
  return `${parts.join('\n')}\n`
}

interface Shape {
  readonly title: string
  readonly properties: Readonly<Record<string, JsonSchema>>
}

/** The objects that may stand here: the schema itself, its items, or each branch of its union. */
function leavesOf(schema: JsonSchema): Shape[] {
  const branches = flattened(schema.items ?? namedSchema(schema) ?? schema)
  return branches.flatMap((branch) => {
    if (branch.properties === undefined) return []
    const constant = Object.entries(branch.properties).find(([, entry]) => entry.const !== undefined)
    if (constant === undefined) return [{ title: '', properties: branch.properties }]
    const [key, entry] = constant
    const { [key]: _, ...rest } = branch.properties
    const meaning = entry.description === undefined ? '' : `: ${entry.description}`
    return [{ title: `\`${key}: ${String(entry.const)}\`${meaning}`, properties: rest }]
  })
}

function table(base: string, properties: Readonly<Record<string, JsonSchema>>): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = base === '' ? name : `${base}.${name}`
    const row = `| \`${path}\` | ${typeText(schema)} | ${defaultText(schema)} | ${schema.description ?? ''} |`
    if (schema.properties !== undefined) return [row, ...table(path, schema.properties)]
    const items = schema.items ?? schema.anyOf?.find((branch) => branch.items !== undefined)?.items
    const shapes = items === undefined ? [] : flattened(items)
    return [row, ...shapes.flatMap((shape) => table(`${path}[]`, shape.properties ?? {}))]
  })
}

function typeText(schema: JsonSchema): string {
  const kinds = flattened(schema).map(oneType)
  return [...new Set(kinds)].join(' or ')
}

function oneType(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'any' : typeText(schema.items)}`
  if (schema.type === 'integer') return `whole number${range(schema)}`
  if (schema.type === 'object') return 'map'
  return schema.type === 'string'
    ? 'text'
    : schema.type === 'boolean'
      ? 'true, false'
      : `number${range(schema)}`
}

/** Bounds that the schema's author set, not the ones of safe integers. */
function range({ minimum, maximum }: JsonSchema): string {
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : ''
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` ${minimum}` : ''
  return least === '' ? most : `${least}${most === '' ? ' or more' : most}`
}

function defaultText(schema: JsonSchema): string {
  if (schema.default === undefined) return ''
  const isEmptyMap = schema.type === 'object' && Object.keys(schema.default as object).length === 0
  return isEmptyMap ? '' : `\`${JSON.stringify(schema.default)}\``
}
