/**
 * Members: which incidents of one source are told already by an incident of many.
 *
 * Only the lowest level, and only where all that the source did lies in the other's target: whoever does more is a
 * story of his own.
 */
import type { Incident } from '@picket/schemas'

/** The incidents of many, and those of one source that none of them tells of. */
export function withoutMembers(single: readonly Incident[], many: readonly Incident[]): Incident[] {
  if (many.length === 0) return [...single]
  return [...many, ...single.filter((incident) => !many.some((group) => isToldBy(incident, group)))]
}

export function isToldBy(incident: Incident, group: Incident): boolean {
  if (incident.level > 1 || incident.source === null) return false
  if (incident.firstSeen < group.firstSeen || incident.firstSeen > group.lastSeen) return false
  return isMember(incident, group) && liesInTarget(incident, group)
}

function isMember({ source, prefix }: Incident, { members }: Incident): boolean {
  return members.some((member) => member === source || member === prefix)
}

function liesInTarget(incident: Incident, { target }: Incident): boolean {
  if (incident.hostCount === 1 && incident.hosts[0] === target) return true
  const [[protocol, ports] = ['', ''], ...others] = Object.entries(incident.ports)
  return others.length === 0 && incident.portCount === 1 && `${protocol}/${ports}` === target
}
