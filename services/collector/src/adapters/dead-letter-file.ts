/**
 * Dead letter file: a batch that the broker will never take, as it was, in a file of its own.
 *
 * The broker has just refused it, so the topic of dead letters would refuse it too.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { DueBatch } from './spool/spool-parts.ts'

export function writeDeadLetter(folder: string, { partition, place, bytes }: DueBatch): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(`${folder}/batch-${partition}-${place}`, bytes, { mode: 0o600 })
}
