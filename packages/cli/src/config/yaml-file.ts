/**
 * A YAML file that remembers where each value stands.
 *
 * Only plain data is read: no custom tags, and aliases are capped, so a hostile file cannot grow.
 */
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { readText } from '../text-file.ts'
import type { Fault, Path } from './fault.ts'

export interface YamlFile {
  readonly file: string
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** Where the value of this path stands, or the nearest place around it. */
  readonly placeOf: (path: Path) => { readonly line: number; readonly column: number }
  /** Where a key itself stands, for a key that is not known. */
  readonly placeOfKey: (path: Path, key: string) => { readonly line: number; readonly column: number }
  readonly has: (path: Path) => boolean
}

export function readYaml(file: string): YamlFile {
  return parseYaml(readText(file), file)
}

export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, customTags: [] })
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const faults = [...document.errors, ...document.warnings].map((error) => {
    return { file, ...at(error.pos[0]), path: '', message: oneLine(error.message) }
  })
  const nodeAt = (path: Path): Node | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    return node === null || node === undefined ? undefined : (node as Node)
  }
  const placeOf = (path: Path): { line: number; column: number } => {
    for (let length = path.length; length >= 0; length--) {
      const range = nodeAt(path.slice(0, length))?.range
      if (range !== undefined && range !== null) return at(range[0])
    }
    return { line: 1, column: 1 }
  }
  return {
    file,
    value: faults.length > 0 ? undefined : (document.toJS({ maxAliasCount: 100 }) ?? {}),
    faults,
    placeOf,
    placeOfKey: (path, key) => {
      const range = keyNode(nodeAt(path), key)?.range
      return range === undefined || range === null ? placeOf(path) : at(range[0])
    },
    has: (path) => document.hasIn(path),
  }
}

function keyNode(node: Node | undefined, key: string): Node | undefined {
  if (!isMap(node)) return undefined
  const pair = node.items.find((item: Pair) => isScalar(item.key) && String(item.key.value) === key)
  return pair?.key as Node | undefined
}

function oneLine(message: string): string {
  return message.split('\n')[0] ?? message
}
