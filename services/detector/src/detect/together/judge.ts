/**
 * The judgement: whether the sources of a cell scan together.
 *
 * Four questions, the cheap ones first: are they enough, do they share the work rather than repeat it, do they
 * cover what there is, and would chance bring so many of one network together here.
 */
import type { Cell } from './cell.ts'
import { isHostTarget, type Key } from './keys.ts'
import { lnPoissonTail } from './poisson.ts'
import type { TogetherPolicy } from './policy.ts'
import type { TogetherState } from './state.ts'
import type { Finding } from './story.ts'

/** Pairs of so many sources are compared; more would cost the square of them and say the same. */
const COMPARED = 64

/** What was found, or undefined when it is no distributed scan. */
export function judgeCell(
  cell: Cell,
  state: TogetherState,
  day: number,
  policy: TogetherPolicy,
): Finding | undefined {
  if (cell.contacts.length < policy.sources) return undefined
  const touched = cell.bySource()
  if (touched.length < policy.sources) return undefined
  const distinct = new Set(touched.flatMap((things) => [...things])).size
  const fleet = isHostTarget(cell.target) ? 0 : state.background.fleet.size
  if (!isShared(touched.length, cell.contacts.length, distinct, fleet, policy)) return undefined
  const overlap = meanOverlap(touched)
  if (overlap * 100 > policy.overlapPercent) return undefined
  const expected = expectedSources(cell, state, day, policy)
  const lnChance = lnPoissonTail(expected, touched.length)
  if (lnChance >= -policy.chanceExponent * Math.LN10) return undefined
  const { length: contacts } = cell.contacts
  return { sources: touched.length, contacts, distinct, expected, lnChance, overlap, fleet }
}

function isShared(
  sources: number,
  contacts: number,
  distinct: number,
  fleet: number,
  policy: TogetherPolicy,
): boolean {
  if (distinct * 100 < contacts * policy.distinctPercent) return false
  return fleet === 0 ? distinct >= sources : distinct * 100 >= fleet * policy.coveragePercent
}

/** All sources of the target, times the network's share of all contacts of a week. */
function expectedSources(
  { target, group }: Cell,
  { groups, background }: TogetherState,
  day: number,
  { priorContacts }: TogetherPolicy,
): number {
  const sources = groups.sourcesOf(target) + background.forgottenOf(target, day)
  const own = groups.byKey.get(group)?.days.sum(day) ?? 0
  return (sources * (1 + own)) / (priorContacts + background.total.sum(day))
}

/** Mean Jaccard index of all pairs. */
function meanOverlap(touched: readonly ReadonlySet<Key>[]): number {
  const compared = touched.slice(0, COMPARED)
  let sum = 0
  let pairs = 0
  for (const [at, a] of compared.entries()) {
    for (const b of compared.slice(at + 1)) {
      sum += overlapOf(a, b)
      pairs++
    }
  }
  return pairs === 0 ? 0 : sum / pairs
}

function overlapOf(a: ReadonlySet<Key>, b: ReadonlySet<Key>): number {
  let common = 0
  for (const thing of a) if (b.has(thing)) common++
  return common / (a.size + b.size - common)
}
