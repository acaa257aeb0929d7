/** Compare: what was found against what the oracle says; every difference is told, the first few in full. */
import assert from 'node:assert/strict'
import type { Found } from './found.ts'
import type { Story } from './oracle.ts'

/** For whoever waits: what is committed last is published a moment later, and a bucket may be judged meanwhile. */
export function isSameStory(found: Found, story: Story): boolean {
  try {
    assertSameStory(found, story)
    return true
  } catch {
    return false
  }
}

export function assertSameStory(found: Found, story: Story): void {
  assert.ok(story.alerts.size > 0, 'the traffic has led to no alert at all: the test shows nothing')
  assert.deepEqual(differences(found.alerts, story.alerts), [], 'alerts that are not as the oracle says')
  const stored = new Map([...story.incidents].filter(([id]) => found.incidents.has(id)))
  assert.deepEqual(differences(found.incidents, stored), [], 'incidents that are not as the oracle says')
  assert.ok(found.incidents.size > 0, 'no incident is in the store')
}

type Difference = { readonly id: string; readonly found: unknown; readonly wanted: unknown }

function differences(
  found: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): Difference[] {
  const ids = new Set([...found.keys(), ...wanted.keys()])
  return [...ids]
    .filter((id) => plain(found.get(id)) !== plain(wanted.get(id)))
    .map((id) => ({ id, found: found.get(id) ?? 'missing', wanted: wanted.get(id) ?? 'not there' }))
}

/** Byte for byte: the order of names is that of the schema, so it is made one first. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
