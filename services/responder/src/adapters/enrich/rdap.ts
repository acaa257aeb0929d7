/** RDAP (RFC 9082): GET base/ip/ADDRESS. Redirects are not followed: name the service that knows your neighbours. */

import type { EnrichSettings } from '../../tell/index.ts'
import { type Found, rdapFacts } from '../../tell/index.ts'
import type { FindAddresses } from '../channels/guarded-lookup.ts'
import { ask } from '../channels/post.ts'

const MAX_BYTES = 262_144

type RdapSettings = NonNullable<EnrichSettings['rdap']>

export async function askRdap(
  address: string,
  settings: RdapSettings,
  find: FindAddresses,
  signal: AbortSignal,
): Promise<Found> {
  const { base, insecure, allow, ca } = settings
  const url = `${base.replace(/\/+$/, '')}/ip/${address}`
  const headers = { accept: 'application/rdap+json' }
  const http = { insecure, allow, timeoutSeconds: 0, ca }
  const asked = { url, method: 'GET', headers, maxBytes: MAX_BYTES, find } as const
  const { status, text } = await ask(asked, http, signal)
  if (status !== 200) throw new Error(`rdap: HTTP ${status}`)
  return rdapFacts(JSON.parse(text))
}
