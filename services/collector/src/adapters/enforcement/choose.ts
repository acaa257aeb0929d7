/**
 * Which firewall to use: the one that was named, or the first that works here. What was passed over is told, with why.
 *
 * Nothing that works is no reason to stop: the host then goes on as a dry run, and says so loudly.
 */
import type { KernelBans } from '../../enforce/kernel-bans.ts'
import { ChainBans } from './chains.ts'
import { DryRunBans } from './dry-run.ts'
import { IpsetBans } from './ipset.ts'
import { NftBans } from './nftables.ts'
import { makeTool, type Tool } from './run-tool.ts'
import { ScriptBans } from './script.ts'

export type FirewallSettings =
  | { readonly type: 'auto' | 'nftables' | 'ipset' | 'iptables' | 'dry-run' }
  | { readonly type: 'script'; readonly command: readonly string[] }

export interface Chosen {
  readonly kernel: KernelBans
  readonly passedOver: readonly { readonly name: string; readonly why: string }[]
}

export async function chooseFirewall(settings: FirewallSettings, tool: Tool = makeTool()): Promise<Chosen> {
  const passedOver: { name: string; why: string }[] = []
  for (const kernel of candidates(settings, tool)) {
    const probed = await kernel.probe()
    if (probed.usable) return { kernel, passedOver }
    passedOver.push({ name: kernel.name, why: probed.why })
  }
  return { kernel: new DryRunBans(), passedOver }
}

export function candidates(settings: FirewallSettings, tool: Tool = makeTool()): KernelBans[] {
  switch (settings.type) {
    case 'auto':
      return [new NftBans(tool), new IpsetBans(tool), new ChainBans(tool)]
    case 'nftables':
      return [new NftBans(tool)]
    case 'ipset':
      return [new IpsetBans(tool)]
    case 'iptables':
      return [new ChainBans(tool)]
    case 'script':
      return [new ScriptBans(settings.command, tool)]
    case 'dry-run':
      return [new DryRunBans()]
  }
}
