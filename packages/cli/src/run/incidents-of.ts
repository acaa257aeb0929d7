/**
 * Which incidents a question about one source means: those of its address, of a prefix that holds it, and those that it is a member of.
 */
import { type Address, type Incident, parseAddress, parsePrefix, prefixContains } from '@picket/schemas'

export function incidentsOf(source: unknown): (incident: Incident) => boolean {
  if (source === undefined) return () => true
  const address = typeof source === 'string' ? parseAddress(source) : undefined
  if (address === undefined) throw new Error(`${String(source)} is no address`)
  return ({ source: single, prefix, members }) => {
    return single === null ? members.some((member) => holds(member, address)) : holds(prefix, address)
  }
}

function holds(prefix: string, address: Address): boolean {
  const network = parsePrefix(prefix)
  return network !== undefined && prefixContains(network, address)
}
