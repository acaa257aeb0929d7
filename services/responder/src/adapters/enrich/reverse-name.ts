/**
 * Reverse DNS by c-ares, not by getaddrinfo: dead servers must not hold a thread of Node's pool.
 *
 * The name is what the owner of the address, who may be the attacker, has written into it.
 */
import { Resolver } from 'node:dns/promises'
import type { Found } from '../../tell/index.ts'

const TRIES = 1

export class ReverseNames {
  readonly #servers: readonly string[]
  readonly #timeoutMs: number

  constructor(servers: readonly string[], timeoutMs: number) {
    this.#servers = servers
    this.#timeoutMs = timeoutMs
  }

  async ask(address: string, signal: AbortSignal): Promise<Found> {
    const resolver = new Resolver({ timeout: this.#timeoutMs, tries: TRIES })
    if (this.#servers.length > 0) resolver.setServers(this.#servers)
    const cancel = (): void => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const [name] = await resolver.reverse(address)
      return { reverseName: name ?? null }
    } catch (error) {
      if (isNoName(error as NodeJS.ErrnoException)) return { reverseName: null }
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** Most addresses have no name: that is an answer. */
function isNoName({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOTFOUND' || code === 'ENODATA'
}
