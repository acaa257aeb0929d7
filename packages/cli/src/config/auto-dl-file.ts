/**
 * psad's auto_dl files, read and their host names looked up once, now: a name that changes its
 * address later needs a reload.
 */

import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { type Assignment, type HostAssignment, parseAutoDl } from '@picket/detector'
import { parsePrefix } from '@picket/schemas'
import { whyUnreadable } from '../text-file.ts'
import type { Fault } from './fault.ts'

export interface ReadAutoDl {
  readonly assignments: readonly Assignment[]
  readonly faults: readonly Fault[]
  /** Names without an address; their entries are left out. */
  readonly warnings: readonly string[]
}

export async function readAutoDl(files: readonly string[]): Promise<ReadAutoDl> {
  const assignments: Assignment[] = []
  const faults: Fault[] = []
  const warnings: string[] = []
  for (const file of files) {
    const fault = (line: number, message: string): Fault => ({ file, line, column: 1, path: '', message })
    const text = tryRead(file)
    if (typeof text !== 'string') {
      faults.push(fault(1, text.why))
      continue
    }
    const read = parseAutoDl(text, file)
    assignments.push(...read.entries)
    faults.push(...read.faults.map(({ line, reason }) => fault(line, reason)))
    for (const host of read.hostNames) {
      const looked = await lookUp(host)
      assignments.push(...looked)
      if (looked.length === 0)
        warnings.push(`${host.origin}: ${host.host} has no address; the entry is left out`)
    }
  }
  return { assignments, faults, warnings }
}

function tryRead(file: string): string | { readonly why: string } {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return { why: whyUnreadable(error) }
  }
}

async function lookUp({ host, level, criteria, origin }: HostAssignment): Promise<Assignment[]> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.flatMap(({ address }) => {
    const network = parsePrefix(address)
    return network === undefined ? [] : [{ network, level, criteria, origin }]
  })
}
