/**
 * What the hosts said to a ban.
 *
 * A host has the last word: it refuses what is its own gateway, whoever signed. Then a reader must not believe that the door is shut.
 */
export interface HostAnswer {
  readonly host: string
  /** A refusal's reason stands first, before a colon. */
  readonly why: string
}

export interface HostAnswers {
  /** Those that were asked. */
  readonly hosts: number
  readonly applied: readonly string[]
  readonly refused: readonly HostAnswer[]
  readonly failed: readonly HostAnswer[]
  /** Have not answered. */
  readonly missing: readonly string[]
}

/** All have answered, and none has done it. */
export function isNowhere({ hosts, applied, missing }: HostAnswers): boolean {
  return hosts > 0 && applied.length + missing.length === 0
}

/** What a host depends on, as `enforce/refusals.ts` of the collector spells it; `picket run` says it among its reasons. */
const NEEDED = /^(own-address|gateway|resolver|peer)\b/
const NEEDED_HERE = /^not banned: this host .*\((own-address|gateway|resolver|peer): /

/** Whoever scans from there has likely forged it. */
export function isNeeded(answers: HostAnswers | undefined, reasons: readonly string[]): boolean {
  const isRefused = answers?.refused.some(({ why }) => NEEDED.test(why)) === true
  return isRefused || reasons.some((reason) => NEEDED_HERE.test(reason))
}

/** `2 of 3 hosts`. */
export function onHowMany({ hosts, applied }: HostAnswers): string {
  return `${applied.length} of ${hosts} host${hosts === 1 ? '' : 's'}`
}

/** For a headline: `banned on 2 of 3 hosts, refused by 1`. */
export function answersInShort(answers: HostAnswers): string {
  const refused = answers.refused.length
  if (isNowhere(answers))
    return refused === 0 ? 'not banned' : `not banned, refused by ${refused} of ${answers.hosts}`
  return `banned on ${onHowMany(answers)}${refused === 0 ? '' : `, refused by ${refused}`}`
}
