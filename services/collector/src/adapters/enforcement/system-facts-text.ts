/** Reads what `ip -j route`, resolv.conf and `who --ips` say. Whatever else stands there is passed over. */

interface Hop {
  readonly gateway?: unknown
  readonly via?: { readonly host?: unknown }
}

export function gatewaysOfRoutes(json: string): string[] {
  if (json.trim() === '') return []
  const routes: unknown = JSON.parse(json)
  if (!Array.isArray(routes)) return []
  const hops = routes.flatMap((route: Hop & { nexthops?: readonly Hop[] }) => [
    route,
    ...(route.nexthops ?? []),
  ])
  return hops.flatMap(({ gateway, via }) => [gateway, via?.host]).filter((text) => typeof text === 'string')
}

export function resolversOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [word, address] = line.trim().split(/\s+/)
    return word === 'nameserver' && address !== undefined ? [address.split('%')[0] ?? ''] : []
  })
}

/** `root pts/0 2026-11-25 21:00 203.0.113.9`, or the address in brackets; local terminals have none. */
export function addressesOfWho(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const last = line.trim().split(/\s+/).at(-1) ?? ''
    const address = last.replace(/^\((.*)\)$/, '$1').split('%')[0] ?? ''
    return /^[0-9a-f.:]+$/i.test(address) && /[.:].*[.:]/.test(address) ? [address] : []
  })
}
