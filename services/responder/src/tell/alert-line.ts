/**
 * Alert line: one alert as one line for a person.
 *
 * Time, level, source, kinds, what it has done, and the first reason. Ports, prefixes and reasons hold
 * words of strangers: the whole line is made safe, so it stays one line and moves no cursor.
 */
import { type Alert, type Incident, safeText } from '@picket/schemas'
import { isoTime } from './instant.ts'

/** From calm to loud, by level. */
const COLOURS = ['', '\x1b[36m', '\x1b[36m', '\x1b[33m', '\x1b[31m', '\x1b[1;31m'] as const
const MAX_LINE = 1_000

export function alertLine(alert: Alert, colour = false): string {
  const { incident } = alert
  const time = isoTime(alert.time).replace('T', ' ').slice(0, 19)
  const level = `level ${incident.level}`
  const shown = colour ? `${COLOURS[incident.level]}${level}\x1b[0m` : level
  const who = safeText(whoOf(incident))
  const kinds = incident.kinds.length === 0 ? 'scan' : incident.kinds.join(', ')
  const [reason] = incident.reasons
  const why = reason === undefined ? '' : `: ${reason}`
  return `${time}Z ${shown} ${who} ${safeText(`${kinds} (${doings(incident)})${why}`, MAX_LINE)}`
}

/** One source, or the network of many and what they have in common. */
function whoOf({ source, prefix, target }: Incident): string {
  return source ?? (target === null ? prefix : `${prefix} → ${target}`)
}

function doings(incident: Incident): string {
  const counts = [
    incident.source === null ? many(incident.members.length, 'source') : many(incident.packets, 'packet'),
    many(incident.contacts, 'contact'),
    many(incident.hostCount, 'host'),
    incident.portCount > 0 ? many(incident.portCount, 'port') : '',
  ]
  return counts.filter((text) => text !== '').join(', ')
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
