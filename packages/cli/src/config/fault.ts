/**
 * Fault: one thing that is wrong in the configuration, and where.
 *
 * Line and column count from 1. A value that is missing points at the place that should hold it.
 */
import { WrongUse } from '../failures.ts'

export type Path = readonly (string | number)[]

export interface Fault {
  readonly file: string
  readonly line: number
  readonly column: number
  /** As in `rules.ignore.ports[2]`; '' for the file as a whole. */
  readonly path: string
  readonly message: string
}

/** The configuration cannot be used; carries all that is wrong with it. */
export class ConfigRefused extends WrongUse {
  override readonly name = 'ConfigRefused'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(['the configuration has faults:', ...faults.map(printFault)].join('\n'))
    this.faults = faults
  }
}

export function printFault({ file, line, column, path, message }: Fault): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`
}

export function printPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** The reverse of `printPath`, for paths that the rules hand back as text. */
export function parsePath(text: string): Path {
  const steps = text.match(/[^.[\]]+/g) ?? []
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
