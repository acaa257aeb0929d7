/** Section `enrichment`: whom Picket asks about an attacker's address, before it tells of it. */
import { DEFAULT_ENRICH, type EnrichSettings } from '@picket/responder'
import { parseAddress } from '@picket/schemas'
import { z } from 'zod'
import { allowed, caFile, insecure } from './channel-values.ts'
import { flag, port, whole } from './values.ts'

const D = DEFAULT_ENRICH

const DNS = z
  .strictObject({
    enabled: flag(D.dns.enabled, 'Ask for the name of an address.'),
    servers: z
      .array(
        z
          .string()
          .refine(isServer, 'must be ADDRESS or ADDRESS:PORT, an IPv6 address with a port in brackets'),
      )
      .default([])
      .describe('DNS servers, `ADDRESS` or `ADDRESS:PORT` each; without any those of the system.'),
  })
  .prefault({})
  .describe('Reverse DNS. Its questions can be seen by whoever owns the address.')

const WHOIS = z
  .strictObject({
    enabled: flag(D.whois.enabled, 'Ask for the network’s owner and abuse contact.'),
    server: z
      .string()
      .min(1)
      .default(D.whois.server)
      .describe('Where a look-up begins; it may refer to one other.'),
    port: port(D.whois.port, 'Their port.'),
    allow: allowed('Networks that a referral may lead to though they are not public.'),
  })
  .prefault({})
  .describe('Whois, on TCP.')

const RDAP = z
  .strictObject({
    base: z
      .string()
      .refine(
        (text) => /^https?:\/\/./.test(text) && URL.canParse(text),
        'must be a URL of https:// or http://',
      )
      .describe('Base address, e.g. `https://rdap.db.ripe.net/`; redirects are not followed.'),
    insecure: insecure('Plain http.'),
    allow: allowed('Networks that it may be in though they are not public.'),
    ca: caFile,
  })
  .optional()
  .describe('An RDAP service, which knows what whois knows. Believed before whois.')

const MMDB = z
  .strictObject({
    country: z.string().min(1).optional().describe('File for countries.'),
    asn: z.string().min(1).optional().describe('File for autonomous systems; may be the same.'),
  })
  .prefault({})
  .describe('Databases in MaxMind’s form: GeoLite2, DB-IP, IPinfo. A new file is taken up by itself.')

export const ENRICHMENT: z.ZodType<EnrichSettings> = z
  .strictObject({
    dns: DNS,
    whois: WHOIS,
    rdap: RDAP,
    mmdb: MMDB,
    seconds: z
      .number()
      .min(0.1)
      .max(30)
      .default(D.seconds)
      .describe('What is not known by then is left out.'),
    cache: z
      .strictObject({
        entries: whole(D.cache.entries, 1, 'Answers that are kept at most.', 1_000_000),
        hours: whole(D.cache.hours, 1, 'And for so long.', 720),
      })
      .prefault({})
      .describe('Answers are kept.'),
  })
  .prefault({})
  .describe(
    'What is found out about an address before it is told. Addresses that are not public are asked of nobody.',
  )

/** As node:dns takes them. */
function isServer(text: string): boolean {
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? []
  return parseAddress(bracketed ?? text.replace(/^([\d.]+):\d{1,5}$/, '$1')) !== undefined
}
