/**
 * A source under test with what it has delivered, and how a test waits for more.
 *
 * Waiting is for a condition with a deadline; nothing here sleeps for a while and hopes.
 */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Metrics, makeLogger } from '@picket/runtime'
import type { Chunk, LogSource, Position } from '../../src/adapters/log-source.ts'
import { CollectorEvents } from '../../src/events.ts'

export const quietEvents = (): CollectorEvents =>
  new CollectorEvents(
    makeLogger({ level: 'error', format: 'json' }, { write: () => true }),
    new Metrics(),
    [],
  )

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'picket-source-'))

export interface Delivered {
  readonly line: string
  readonly input: number
  readonly offset: number
}

export class Reading {
  readonly source: LogSource
  readonly lines: Delivered[] = []
  position: Position | undefined

  constructor(source: LogSource) {
    this.source = source
  }

  start(from?: Position): Promise<void> {
    return this.source.start(from, (chunk) => this.#take(chunk))
  }

  #take(chunk: Chunk): void {
    this.position = JSON.parse(JSON.stringify(chunk.position)) as Position
    let offset = chunk.offset
    if (chunk.bytes.length > 0) assert.equal(chunk.bytes.at(-1), 10, 'a chunk ends with a line')
    const text = Buffer.from(chunk.bytes).toString('latin1')
    for (const line of text.split('\n').slice(0, -1)) {
      this.lines.push({ line, input: chunk.input, offset })
      offset += line.length + 1
    }
  }

  get texts(): string[] {
    return this.lines.map(({ line }) => line)
  }

  /** Waits until so many lines are there; fails with what is there if they do not come. */
  async until(count: number): Promise<string[]> {
    await eventually(
      () => this.lines.length >= count,
      () => `${count} lines, but there are ${this.lines.length}`,
    )
    return this.texts
  }
}

export async function eventually(
  isTrue: () => boolean,
  what: () => string = () => 'the condition',
  deadlineMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

export const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
