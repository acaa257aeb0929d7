/**
 * Central entries: from the fleet's allowlist to what this host never bans. What cannot be read protects nobody, and harms nobody.
 */
import { parsePrefix, safeText } from '@picket/schemas'
import type { NeverEntry } from './never-ban.ts'

export interface CentralEntry {
  readonly network: string
  /** Ms since 1970 UTC; 0 is for ever. */
  readonly until: number
  readonly comment: string
}

const COMMENT_LENGTH = 200

/** The first `most` of them: a list without bound would fill the kernel. */
export function centralEntries(entries: readonly CentralEntry[], most: number): NeverEntry[] {
  return entries.slice(0, most).flatMap(({ network, until, comment }) => {
    const prefix = parsePrefix(network)
    if (prefix === undefined) return []
    const why = comment === '' ? safeText(network, COMMENT_LENGTH) : safeText(comment, COMMENT_LENGTH)
    const note = `allowed by the fleet: ${why}`
    return [
      { prefix, reason: 'allowlisted-centrally', note, until: until === 0 ? undefined : until } as const,
    ]
  })
}
