/**
 * `analyze` and a fleet find the same: each capture is analysed by the command, and read by a fleet over the memory adapters.
 *
 * Ids differ, since they name the packet that opened the incident by its place: a byte of the file for `analyze`, a packet of a
 * batch for a fleet. Everything that says what happened must be the same.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { MemoryFleet } from '../fleet/memory-fleet.ts'
import { analyze, type Found } from '../picket.ts'
import { TRACES } from '../places.ts'
import { readTruth } from '../score/truth.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-two-ways-'))
after(() => rmSync(folder, { recursive: true }))

/** A collector takes the year that is missing from the clock, and this test must not depend on when it runs. */
function dated(file: string): { path: string; lines: number } {
  const text = readFileSync(join(TRACES, file), 'latin1')
  const path = join(folder, file)
  writeFileSync(
    path,
    text.replace(STAMP, (_, month: string, day: string, time: string) => {
      return `2026-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.trim().padStart(2, '0')}T${time}+00:00 `
    }),
    'latin1',
  )
  return { path, lines: text.split('\n').length - 1 }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const STAMP = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) /gm

async function byFleet(path: string, lines: number, allow: readonly string[]): Promise<Found[]> {
  const fleet = new MemoryFleet()
  try {
    await fleet.read({ path, lines, allow })
    const { incidents } = await fleet.view()
    // The command leaves out what is a small part of another incident.
    const whole = incidents.filter(({ partOf }) => partOf === undefined)
    return whole.map(({ incident }) => {
      const [firstSeen, lastSeen] = [incident.firstSeen, incident.lastSeen].map((time) =>
        new Date(time).toISOString(),
      )
      return whatHappened({ ...incident, firstSeen, lastSeen } as unknown as Found)
    })
  } finally {
    await fleet.stop()
  }
}

function whatHappened(incident: Found): Found {
  return { ...incident, id: 'another' } as Found
}

function inOrder(a: Found, b: Found): number {
  const [left, right] = [a, b].map(({ prefix, firstSeen }) => `${prefix} ${firstSeen}`)
  return String(left) < String(right) ? -1 : 1
}

describe('a fleet and analyze find the same', { concurrency: 4 }, () => {
  for (const { file, allow } of readTruth(TRACES)) {
    test(`of ${file}`, async () => {
      const { path, lines } = dated(file)
      const analysis = await analyze([path, ...allow.flatMap((net) => ['--allow', net])])
      const found = await byFleet(path, lines, allow)
      assert.deepEqual(found.sort(inOrder), analysis.incidents.map(whatHappened).sort(inOrder))
    })
  }
})
