/** Settings of enrichment. What is left out is not asked. */
export interface EnrichSettings {
  /** Names of addresses; `servers` empty: those of the system. */
  readonly dns: { readonly enabled: boolean; readonly servers: readonly string[] }
  readonly whois: {
    readonly enabled: boolean
    /** Where a look-up begins: IANA, which knows who knows. */
    readonly server: string
    readonly port: number
    /** Networks that a referral may lead to though they are not public. */
    readonly allow: readonly string[]
  }
  /** Base address of an RDAP service, e.g. https://rdap.db.ripe.net/; `/ip/ADDRESS` is added. */
  readonly rdap?:
    | {
        readonly base: string
        readonly insecure: boolean
        readonly allow: readonly string[]
        readonly ca?: string | undefined
      }
    | undefined
  /** Databases in the form of MaxMind; they may be one file. */
  readonly mmdb: { readonly country?: string | undefined; readonly asn?: string | undefined }
  /** What is not there by then is left out. */
  readonly seconds: number
  readonly cache: { readonly entries: number; readonly hours: number }
}

export const DEFAULT_ENRICH: EnrichSettings = {
  dns: { enabled: true, servers: [] },
  whois: { enabled: true, server: 'whois.iana.org', port: 43, allow: [] },
  mmdb: {},
  seconds: 2,
  cache: { entries: 10_000, hours: 24 },
}
