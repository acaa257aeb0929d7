/**
 * Assignments (psad's auto_dl): the level that a source has from its first packet on; 0 exempts it.
 *
 * The most specific wins: the longest network with an entry that fits the packet, and in one network the
 * narrowest criterion that fits. Only of equally specific entries does the later one win.
 */
import { type DangerLevel, type Packet, type Prefix, PrefixTrie } from '@picket/schemas'
import { type Criterion, fits, widthOf } from './criterion.ts'

export interface Assignment {
  readonly network: Prefix
  readonly level: DangerLevel
  /** Any one must fit; none at all fits every packet. */
  readonly criteria: readonly Criterion[]
  /** Where it was written, for reasons: `auto_dl:12`. */
  readonly origin: string
}

interface Grant {
  readonly criterion: Criterion | null
  readonly assignment: Assignment
}

/** All that one network says, and the next wider network that says something. */
interface Claim {
  readonly grants: Grant[]
  readonly wider: Claim | undefined
}

export type Assignments = PrefixTrie<Claim>

export function compileAssignments(assignments: readonly Assignment[]): Assignments {
  const claims: Assignments = new PrefixTrie()
  const widestFirst = [...assignments].sort((a, b) => a.network.bits - b.network.bits)
  for (const assignment of widestFirst) {
    const claim = claims.get(assignment.network) ?? openClaim(claims, assignment.network)
    claim.grants.unshift(...grantsOf(assignment))
    claim.grants.sort(narrowestFirst)
  }
  return claims
}

/** The entry that decides for this packet. */
export function assignedBy(assignments: Assignments, packet: Packet): Assignment | undefined {
  if (assignments.size === 0) return undefined
  for (let claim = assignments.match(packet.src); claim !== undefined; claim = claim.wider) {
    const grants = claim.grants
    for (let i = 0; i < grants.length; i++) {
      const grant = grants[i] as Grant
      if (grant.criterion === null || fits(grant.criterion, packet.proto, packet.dpt)) return grant.assignment
    }
  }
  return undefined
}

function openClaim(claims: Assignments, network: Prefix): Claim {
  const claim: Claim = { grants: [], wider: claims.match(network.address) }
  claims.set(network, claim)
  return claim
}

function grantsOf(assignment: Assignment): Grant[] {
  if (assignment.criteria.length === 0) return [{ criterion: null, assignment }]
  return assignment.criteria.map((criterion) => ({ criterion, assignment }))
}

function narrowestFirst(a: Grant, b: Grant): number {
  return width(a) - width(b)
}

function width(grant: Grant): number {
  return grant.criterion === null ? 100_000 : widthOf(grant.criterion)
}
