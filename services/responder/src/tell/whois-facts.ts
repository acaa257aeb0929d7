/**
 * What a whois answer says about an address: abuse contact, network, country. The registries all write it their own way.
 *
 * The text is chosen by whoever registered the network. What is taken out of it must look like what it claims to be.
 */
import type { Found } from './enrichment.ts'

const MAX_LINES = 60
const MAX_VALUE = 120

/** RIPE, AFRINIC and APNIC; ARIN; LACNIC. The first that is there wins. */
const NETWORK = ['netname', 'net-name', 'owner']
const RANGE = ['inetnum', 'inet6num', 'netrange', 'cidr']
const ABUSE = ['abuse-mailbox', 'orgabuseemail', 'e-mail']
const SYSTEM = ['origin', 'originas', 'aut-num']
const TELLING = new Set([
  ...NETWORK,
  ...RANGE,
  ...ABUSE,
  ...SYSTEM,
  'country',
  'descr',
  'org-name',
  'orgname',
  'organization',
  'role',
  'address',
  'phone',
  'orgabusephone',
  'status',
  'route',
])

/** The server that the root (IANA) or a registry points to; undefined when it answers itself. */
export function referralOf(answer: string): string | undefined {
  const [, host] = /^(?:refer|ReferralServer):[ \t]*(?:r?whois:\/\/)?([^\s/:]{1,253})/im.exec(answer) ?? []
  return host?.toLowerCase()
}

export function whoisFacts(answer: string): Found {
  const fields = fieldsOf(answer)
  const first = (names: readonly string[]): string | null =>
    names.map((name) => fields.find(([key]) => key === name)?.[1]).find((value) => value !== undefined) ??
    null
  const [, told] = /^% Abuse contact for .* is '([^']{3,254})'/m.exec(answer) ?? []
  return {
    abuse: mailAddress(told) ?? mailAddress(first(ABUSE) ?? undefined),
    network: first(NETWORK),
    range: first(RANGE),
    country: countryCode(first(['country'])),
    asn: systemNumber(first(SYSTEM)),
    whois: tellingLines(fields),
  }
}

type Field = readonly [string, string]

function fieldsOf(answer: string): Field[] {
  return answer.split(/\r\n|\r|\n/).flatMap((line): Field[] => {
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || colon > 30 || /^[%#>\s]/.test(line) || value === '') return []
    return [[line.slice(0, colon).toLowerCase(), value.slice(0, MAX_VALUE)]]
  })
}

function tellingLines(fields: readonly Field[]): string[] {
  const lines = fields.filter(([key]) => TELLING.has(key)).map(([key, value]) => `${key}: ${value}`)
  return [...new Set(lines)].slice(0, MAX_LINES)
}

/** Something that a mail program would take as one address, and nothing that could carry more. */
export function mailAddress(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? ''
  return /^[\w.+=-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(trimmed) ? trimmed : null
}

export function countryCode(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : null
}

export function systemNumber(text: string | null | undefined): number | null {
  const [, digits] = /^(?:AS)?(\d{1,10})\b/i.exec(text ?? '') ?? []
  return digits === undefined ? null : Number(digits)
}
