/**
 * What an RDAP answer (RFC 9083, an IP network object) says: abuse contact, network, country. It is JSON of a stranger: nothing
 * about its shape is taken for granted.
 */
import type { Found } from './enrichment.ts'
import { countryCode, mailAddress } from './whois-facts.ts'

const MAX_DEPTH = 4
const MAX_TEXT = 120

export function rdapFacts(answer: unknown): Found {
  const network = objectOf(answer)
  const start = textOf(network['startAddress'])
  const end = textOf(network['endAddress'])
  return {
    abuse: abuseOf(network['entities'], 0),
    network: textOf(network['name']),
    range: start === null || end === null ? null : `${start} - ${end}`,
    country: countryCode(textOf(network['country'])),
  }
}

function abuseOf(entities: unknown, depth: number): string | null {
  if (depth > MAX_DEPTH) return null
  for (const entity of listOf(entities).map(objectOf)) {
    const isAbuse = listOf(entity['roles']).includes('abuse')
    const found = (isAbuse ? mailOf(entity['vcardArray']) : null) ?? abuseOf(entity['entities'], depth + 1)
    if (found !== null) return found
  }
  return null
}

/** jCard, RFC 7095: ["vcard", [["email", {}, "text", "abuse@example.net"], …]]. */
function mailOf(card: unknown): string | null {
  for (const property of listOf(listOf(card)[1]).map(listOf)) {
    const [name, , , value] = property
    const mail = name === 'email' && typeof value === 'string' ? mailAddress(value) : null
    if (mail !== null) return mail
  }
  return null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : null
}
