/** The part of the configuration that a fleet and `picket run` have in common: as in docs/tutorial.md, with servers of the test's own. */
import type { Smtp } from '../telling/smtp.ts'
import type { Rule } from './deployment.ts'
import type { Whois } from './whois.ts'

export const TELL: Rule = { name: 'loud', when: { level: 4 }, tell: ['*'] }
export const BAN: Rule = { ...TELL, ban: 60 }
/** For the variants of the walk: told to nobody, and over soon. */
export const BRIEF: Rule = {
  ...{ name: 'brief', when: { level: 3, networks: ['203.0.113.80/29', '2001:db8:66:86::/64'] } },
  ...{ tell: [], ban: 5 },
}

export function sectionsFor(
  { smtp, whois }: { readonly smtp: Smtp; readonly whois: Whois },
  key: string,
): Record<string, unknown> {
  return {
    timeZone: 'UTC',
    channels: {
      ops: {
        ...{ type: 'mail', from: 'Picket <picket@example.net>', to: ['admin@example.net'] },
        ...{ host: '127.0.0.1', port: smtp.port, insecure: true },
      },
    },
    // no step is to wait for a digest
    mailBudget: { digestAfter: 10 },
    enrichment: {
      dns: { enabled: false },
      whois: { server: '127.0.0.1', port: whois.port },
    },
    decisions: { rules: [TELL] },
    bans: { key, jitterPercent: 0 },
  }
}
