#!/usr/bin/env node
/**
 * Writes schemas/src/messages from the .avsc files: one file of types a message, and every version as text; --check says what is stale.
 *
 * It also keeps the rule of versions: a schema that is not its newest version in schemas/history is refused, because what was
 * written with it could not be told from what is written now. `--accept` takes all changed schemas as new versions; `--amend`
 * puts them in place of the newest version, which is right only as long as no release has written it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const NOTE = 'scripts/generate-types.mjs; do not edit.'

/** Without what readers do not need: two schemas are the same version when this is the same text. */
export function essence(schema) {
  return JSON.stringify(schema, (key, value) => (key === 'doc' ? undefined : value))
}

/** `packet-batch` to all its versions, oldest first; and which schemas differ from their newest version. */
export function readSchemas(folder) {
  const messages = readdirSync(join(folder, 'avro')).filter((file) => file.endsWith('.avsc'))
  return messages.sort().map((file) => {
    const name = file.slice(0, -'.avsc'.length)
    const schema = JSON.parse(readFileSync(join(folder, 'avro', file), 'utf8'))
    const versions = []
    while (existsSync(versionFile(folder, name, versions.length + 1))) {
      versions.push(JSON.parse(readFileSync(versionFile(folder, name, versions.length + 1), 'utf8')))
    }
    const newest = versions.at(-1)
    return { name, schema, versions, isChanged: newest === undefined || essence(newest) !== essence(schema) }
  })
}

export function versionFile(folder, name, version) {
  return join(folder, 'history', `${name}.${version}.avsc`)
}

/** The types of one message: its record first, then the records in it. */
export function typesPage({ name, schema }) {
  const records = []
  const waiting = [schema]
  for (const record of waiting) {
    records.push(interfaceOf(record, (nested) => waiting.push(nested)))
  }
  const title = name.replaceAll('-', ' ')
  const head = `/** ${title[0].toUpperCase()}${title.slice(1)}: generated from schemas/avro/${name}.avsc by ${NOTE} */\n`
  return `${head}\n${records.join('\n\n')}\n`
}

function interfaceOf(record, meet) {
  const lines = []
  if (record.doc !== undefined) lines.push(`/** ${record.doc} */`)
  lines.push(`export interface ${record.name} {`)
  for (const field of record.fields) {
    if (field.doc !== undefined) lines.push(`  /** ${field.doc} */`)
    lines.push(`  readonly ${field.name}: ${typeOf(field.type, meet)}`)
  }
  return [...lines, '}'].join('\n')
}

const PRIMITIVES = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
}

function typeOf(type, meet) {
  if (Array.isArray(type)) return unionOf(type, meet)
  if (typeof type === 'string') return PRIMITIVES[type] ?? type
  switch (type.type) {
    case 'array':
      return `readonly ${bracketed(typeOf(type.items, meet))}[]`
    case 'map':
      return `Readonly<Record<string, ${typeOf(type.values, meet)}>>`
    case 'record':
      meet(type)
      return type.name
    default:
      return typeOf(type.type, meet)
  }
}

/** Only what may be missing: avsc would wrap a value of any other union, and no old reader could take a new branch. */
function unionOf(types, meet) {
  const others = types.filter((type) => type !== 'null')
  if (others.length !== 1 || types[0] !== 'null') {
    throw new Error(`a union is ["null", something], not ${JSON.stringify(types)}`)
  }
  return `${typeOf(others[0], meet)} | null`
}

function bracketed(type) {
  return /[ |]/.test(type) ? `(${type})` : type
}

export function versionsPage(schemas) {
  const entries = schemas.map(({ name, versions }) => {
    const texts = versions.map((version) => `    ${quoted(essence(version))},`)
    return [`  ${camelCase(name)}: [`, ...texts, '  ],'].join('\n')
  })
  return [
    `/** Versions: every version of every message, oldest first; generated from schemas/history by ${NOTE} */`,
    '',
    'export const VERSIONS = {',
    ...entries,
    '} as const',
    '',
  ].join('\n')
}

function camelCase(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
}

function quoted(text) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function acceptChanges(folder, isAmending) {
  for (const { name, versions, isChanged } of readSchemas(folder)) {
    if (!isChanged) continue
    const version = isAmending ? Math.max(versions.length, 1) : versions.length + 1
    writeFileSync(
      versionFile(folder, name, version),
      readFileSync(join(folder, 'avro', `${name}.avsc`), 'utf8'),
    )
    console.log(`${name}: version ${version}`)
  }
}

/** What is wrong, one sentence each. */
function generate(folder, isCheck) {
  const schemas = readSchemas(folder)
  const faults = schemas
    .filter(({ isChanged }) => isChanged)
    .map(
      ({ name }) =>
        `schemas/avro/${name}.avsc is not its newest version in schemas/history: see schemas/README.md`,
    )
  const pages = schemas.map((message) => [`src/messages/${message.name}.ts`, typesPage(message)])
  for (const [name, page] of [...pages, ['src/messages/versions.ts', versionsPage(schemas)]]) {
    const file = join(folder, name)
    if (read(file) === page) continue
    if (isCheck) faults.push(`schemas/${name} is not what the schemas say: run "npm run types"`)
    else writeFileSync(file, page)
  }
  return faults
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      accept: { type: 'boolean', default: false },
      amend: { type: 'boolean', default: false },
      folder: { type: 'string', default: join(ROOT, 'schemas') },
    },
  })
  if (values.accept || values.amend) acceptChanges(values.folder, values.amend)
  const faults = generate(values.folder, values.check)
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exitCode = 1
}
