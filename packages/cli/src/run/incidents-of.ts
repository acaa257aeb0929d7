/**
 * Which incidents a question about one source means: those of its address, and those of a prefix that holds it.
 */
import { type Incident, parseAddress, parsePrefix, prefixContains } from '@picket/schemas'

export function incidentsOf(source: unknown): (incident: Incident) => boolean {
  if (source === undefined) return () => true
  const address = typeof source === 'string' ? parseAddress(source) : undefined
  if (address === undefined) throw new Error(`${String(source)} is no address`)
  return ({ prefix }) => {
    const network = parsePrefix(prefix)
    return network !== undefined && prefixContains(network, address)
  }
}
