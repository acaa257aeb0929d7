/**
 * What the golden files hold: the whole of `analyze --json` for every trace, and `parse --json` for the traces with the oddest lines.
 *
 * Each trace is copied beside a fixed modification time, because that gives BSD stamps their year; and read by its bare name, because
 * the report names its files.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { picket } from '../picket.ts'
import { GOLDEN, TRACES } from '../places.ts'

export interface Case {
  /** File name in the golden folder. */
  readonly name: string
  readonly trace: string
  readonly command: readonly string[]
  /** So many lines of the trace; all of them unless told otherwise. */
  readonly head?: number
}

/** The evening of the day of all recordings. */
const RECORDED = Date.UTC(2026, 10, 23, 20) / 1000

const PARSED: readonly string[] = [
  'shorts-and-protocols.log',
  'benign-icmp-errors.log',
  'benign-segment-noise.log',
  'nflog-syn.json',
  'nflog-syn.ulogemu.log',
  'nmap-os.log',
  'nmap-window.log',
]
const PARSED_LINES = 80

export function goldenCases(): Case[] {
  const traces = readdirSync(TRACES).filter((name) => !/^(truth\.json|README\.md)$/.test(name))
  const analyzed = traces.map((trace) => ({
    name: `analyze-${bare(trace)}.json`,
    trace,
    command: ['analyze', '--json', '--tz', 'UTC'],
  }))
  const parsed = PARSED.map((trace) => ({
    name: `parse-${bare(trace)}.json`,
    trace,
    command: ['parse', '--json', '--tz', 'UTC'],
    head: PARSED_LINES,
  }))
  return [...analyzed, ...parsed].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function bare(trace: string): string {
  return trace.replace(/\.log$/, '').replaceAll('.', '-')
}

/** The command's output, laid out so that a change shows as few changed lines. */
export async function outputOf({ trace, command, head }: Case): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-golden-'))
  try {
    const text = readFileSync(join(TRACES, trace), 'utf8')
    writeFileSync(join(folder, trace), head === undefined ? text : firstLines(text, head))
    utimesSync(join(folder, trace), RECORDED, RECORDED)
    const ended = await picket([...command, trace], { folder })
    if (ended.status !== 0)
      throw new Error(`${command.join(' ')} ${trace} ended with ${ended.status}: ${ended.stderr}`)
    return layOut(ended.stdout, command[0] === 'parse')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function firstLines(text: string, count: number): string {
  return `${text.trimEnd().split('\n', count).join('\n')}\n`
}

function layOut(stdout: string, lineByLine: boolean): string {
  if (!lineByLine) return `${JSON.stringify(JSON.parse(stdout), undefined, 1)}\n`
  return `[\n${stdout.trimEnd().split('\n').join(',\n')}\n]\n`
}

export function goldenPath({ name }: Case): string {
  return join(GOLDEN, name)
}
