/** Reading lists of networks into tries, with every fault named by its place in the settings. */
import { type Prefix, PrefixTrie, parsePrefix } from '@picket/schemas'

/** What is wrong in the settings, and where: `path` is as in `ignore.ports[2]`. */
export interface RuleFault {
  readonly path: string
  readonly reason: string
}

export type NetworkSet = PrefixTrie<true>

export function compileNetworks(
  texts: readonly string[] | undefined,
  path: string,
  faults: RuleFault[],
): NetworkSet {
  const networks: NetworkSet = new PrefixTrie()
  for (const [i, text] of (texts ?? []).entries()) {
    const network = readNetwork(text, `${path}[${i}]`, faults)
    if (network !== undefined) networks.set(network, true)
  }
  return networks
}

export function readNetwork(text: string, path: string, faults: RuleFault[]): Prefix | undefined {
  const network = parsePrefix(text.trim())
  if (network === undefined) faults.push({ path, reason: notANetwork(text) })
  return network
}

export function notANetwork(text: string): string {
  return `"${text}" is neither an address nor a network; write 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32`
}
