/**
 * KernelBans by ipset with one chain of iptables in the raw table: for hosts whose nft is missing or refuses.
 *
 * Elements end by themselves. `ipset restore` stops at the first line that is refused, hence the second look one by one. Where
 * ip6tables is missing, IPv6 bans fail and say so.
 */
import {
  IPSET_CHAIN,
  IPSET_MOST,
  ipsetApplyScript,
  ipsetDestroyScript,
  ipsetPrepareScript,
  ipsetRulesScript,
  readIpsetSave,
} from '../../enforce/ipset-script.ts'
import type { Failures, KernelBans, KernelElement, Transaction, Usable } from '../../enforce/kernel-bans.ts'
import type { Subject } from '../../enforce/subject.ts'
import { KernelFailure } from './kernel-failure.ts'
import { withFallback } from './one-by-one.ts'
import { makeTool, type Tool, type ToolAnswer } from './run-tool.ts'

const FEED = ['ipset', '-exist', 'restore'] as const
const FAMILIES = [4, 6] as const
type Family = (typeof FAMILIES)[number]
const JUMP = ['PREROUTING', '-j', IPSET_CHAIN] as const

export class IpsetBans implements KernelBans {
  readonly name = 'ipset'
  readonly isReal = true
  readonly most: number = IPSET_MOST
  readonly #tool: Tool

  constructor(tool: Tool = makeTool()) {
    this.#tool = tool
  }

  async probe(): Promise<Usable> {
    for (const command of [
      ['ipset', 'list', '-n'],
      ['iptables', '-w', '-t', 'raw', '-S', 'PREROUTING'],
    ]) {
      const { ok, why } = await this.#tool.run(command)
      if (!ok) return { usable: false, why }
    }
    return { usable: true }
  }

  async prepare(never: readonly Subject[]): Promise<void> {
    need(await this.#tool.run(FEED, ipsetPrepareScript(never)))
    for (const family of FAMILIES) await this.#prepareRules(family)
  }

  async isPrepared(): Promise<boolean> {
    for (const family of FAMILIES) {
      const { ok, stdout } = await this.#tool.run([...tables(family), '-S'])
      if (!ok) return false
      const isWhole = [`--match-set picket${family} src -j DROP`, `-A ${JUMP.join(' ')}`].every((text) =>
        stdout.includes(text),
      )
      if (!isWhole) return false
    }
    return true
  }

  async list(): Promise<KernelElement[]> {
    return readIpsetSave(need(await this.#tool.run(['ipset', 'save'])).stdout)
  }

  apply(transaction: Transaction): Promise<Failures> {
    return withFallback(transaction, async (part) => {
      const { ok, why } = await this.#tool.run(FEED, ipsetApplyScript(part))
      return ok ? undefined : why
    })
  }

  async liftAll(): Promise<void> {
    for (const family of FAMILIES) {
      const table = tables(family)
      await this.#tool.run([...table, '-D', ...JUMP])
      await this.#tool.run([...table, '-F', IPSET_CHAIN])
      await this.#tool.run([...table, '-X', IPSET_CHAIN])
    }
    const names = (await this.#tool.run(['ipset', 'list', '-n'])).stdout.split('\n')
    const ours = ipsetDestroyScript()
      .split('\n')
      .filter((line) => names.includes(line.replace('destroy ', '')))
    need(await this.#tool.run(FEED, ours.map((line) => `${line}\n`).join('')))
  }

  async #prepareRules(family: Family): Promise<void> {
    need(await this.#tool.run([restore(family), '-w', '--noflush'], ipsetRulesScript(family)))
    const table = tables(family)
    const there = await this.#tool.run([...table, '-C', ...JUMP])
    if (!there.ok) need(await this.#tool.run([...table, '-I', ...JUMP]))
  }
}

function tables(family: Family): string[] {
  return [family === 4 ? 'iptables' : 'ip6tables', '-w', '-t', 'raw']
}

function restore(family: Family): string {
  return family === 4 ? 'iptables-restore' : 'ip6tables-restore'
}

function need(answer: ToolAnswer): ToolAnswer {
  if (!answer.ok) throw new KernelFailure(answer.why)
  return answer
}
