/**
 * KernelBans by nftables: the first choice. Elements end by themselves, a transaction is atomic, and the table is ours alone: ufw,
 * firewalld and docker leave it, only `nft flush ruleset` takes it away.
 *
 * `nft list chains` is what is asked each second, since with nft 1.0 all other listings read every element first.
 */
import type { Failures, KernelBans, KernelElement, Transaction, Usable } from '../../enforce/kernel-bans.ts'
import { readNftHosts, readNftListing } from '../../enforce/nft-listing.ts'
import {
  NFT_CHAIN,
  NFT_MOST,
  NFT_RULES,
  NFT_TABLE,
  nftApplyScript,
  nftLiftAllScript,
  nftPrepareScript,
} from '../../enforce/nft-script.ts'
import type { Subject } from '../../enforce/subject.ts'
import { KernelFailure } from './kernel-failure.ts'
import { withFallback } from './one-by-one.ts'
import { makeTool, type Tool } from './run-tool.ts'

const FEED = ['nft', '-f', '-'] as const

export class NftBans implements KernelBans {
  readonly name = 'nftables'
  readonly isReal = true
  readonly most: number = NFT_MOST
  readonly #tool: Tool
  /** All our rules were there when last listed; `list chains` does not show them. */
  #hasRules = true

  constructor(tool: Tool = makeTool()) {
    this.#tool = tool
  }

  /** `-c` checks only, but asks the kernel, which asks for CAP_NET_ADMIN. */
  async probe(): Promise<Usable> {
    const { ok, why } = await this.#tool.run(['nft', '-c', '-f', '-'], nftPrepareScript([]))
    return ok ? { usable: true } : { usable: false, why }
  }

  async prepare(never: readonly Subject[]): Promise<void> {
    const { ok, why } = await this.#tool.run(FEED, nftPrepareScript(never))
    if (!ok) throw new KernelFailure(why)
    this.#hasRules = true
  }

  async isPrepared(): Promise<boolean> {
    if (!this.#hasRules) return false
    const { ok, stdout } = await this.#tool.run(['nft', 'list', 'chains', 'inet'])
    return ok && stdout.includes(`table ${NFT_TABLE} {`) && stdout.includes(`chain ${NFT_CHAIN} {`)
  }

  async list(): Promise<KernelElement[]> {
    const { ok, stdout, why } = await this.#tool.run(['nft', '-j', 'list', 'table', 'inet', 'picket'])
    if (!ok && why.includes('No such file')) return []
    const listing = ok ? readNftListing(stdout) : undefined
    if (listing === undefined) throw new KernelFailure(ok ? 'nft printed what we cannot read' : why)
    this.#hasRules = listing.rules === NFT_RULES
    return listing.elements
  }

  /** Hosts only: of an interval set nft shows whatever lies around. */
  async look(subjects: readonly Subject[]): Promise<KernelElement[] | undefined> {
    if (subjects.length === 0 || !subjects.every(({ isHost }) => isHost)) return undefined
    const found = await Promise.all(
      ([4, 6] as const).map((family) => this.#get(subjects.filter((subject) => subject.family === family))),
    )
    const elements = found.flat()
    const known = new Set(elements.map(({ subject }) => subject))
    return subjects.every(({ text }) => known.has(text)) ? elements : undefined
  }

  /** It fails as a whole when one is absent. */
  async #get(subjects: readonly Subject[]): Promise<KernelElement[]> {
    const [first] = subjects
    if (first === undefined) return []
    const wanted = `{ ${subjects.map(({ text }) => text).join(', ')} }`
    const set = `block${first.family}`
    const { ok, stdout } = await this.#tool.run(['nft', 'get', 'element', 'inet', 'picket', set, wanted])
    return ok ? readNftHosts(stdout) : []
  }

  apply(transaction: Transaction): Promise<Failures> {
    return withFallback(transaction, async (part) => {
      const script = nftApplyScript(part)
      if (script === '') return undefined
      const { ok, why } = await this.#tool.run(FEED, script)
      return ok ? undefined : why
    })
  }

  async liftAll(): Promise<void> {
    const { ok, why } = await this.#tool.run(FEED, nftLiftAllScript())
    if (!ok) throw new KernelFailure(why)
  }
}
