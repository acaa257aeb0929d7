/**
 * Name resolution for what is sent to: only addresses that may be reached come out of it.
 *
 * The connection is made to an address that was checked here, so a name cannot point elsewhere between check and use.
 */
import type { LookupAddress } from 'node:dns'
import { lookup, Resolver } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { mayReach } from '../../tell/index.ts'

export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
}

/** An address that is written out is never resolved, hence checked before. */
export function refuseLiteral(host: string, allowed: readonly string[]): void {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0 && !mayReach(bare, allowed)) throw forbidden(bare)
}

/** Node asks for one address or, to try IPv6 and IPv4 side by side, for all. */
type Answer = (error: Error | null, address: string | readonly LookupAddress[], family?: number) => void

/** All addresses of a name. */
export type FindAddresses = (host: string) => Promise<readonly LookupAddress[]>

/** As the system finds them, hosts file included. */
const bySystem: FindAddresses = (host) => lookup(host, { all: true })

/**
 * By DNS alone, of these servers or those of the system. The system's own look-up holds one of Node's four threads until a dead server
 * is given up, and with all four held no file can be read: what nobody needs to know must not ask so.
 */
export function findByDns(servers: readonly string[], timeoutMs: number): FindAddresses {
  return async (host) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
    if (servers.length > 0) resolver.setServers(servers)
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason
    return [...addressesOf(v4, 4), ...addressesOf(v6, 6)]
  }
}

function addressesOf(result: PromiseSettledResult<string[]>, family: number): LookupAddress[] {
  return result.status === 'rejected' ? [] : result.value.map((address) => ({ address, family }))
}

export function guardedLookup(allowed: readonly string[], find: FindAddresses = bySystem): LookupFunction {
  return (host, options, callback) => {
    const answer = callback as unknown as Answer
    reachable(host, allowed, find).then(
      (all) => {
        const [first] = all
        if (first === undefined || isForAll(options)) answer(null, all)
        else answer(null, first.address, first.family)
      },
      (error: Error) => answer(error, []),
    )
  }
}

async function reachable(
  host: string,
  allowed: readonly string[],
  find: FindAddresses,
): Promise<LookupAddress[]> {
  const found = await find(host)
  const open = found.filter(({ address }) => mayReach(address, allowed))
  if (open.length === 0) throw forbidden(host, found)
  return open
}

function isForAll(options: object): boolean {
  return 'all' in options && options.all === true
}

function forbidden(host: string, addresses: readonly LookupAddress[] = []): ForbiddenAddress {
  const found = addresses.map(({ address }) => address).join(', ')
  const where = found === '' ? '' : ` (${found})`
  return new ForbiddenAddress(`${host}${where} is no public address: allow its network with allow: [...]`)
}
