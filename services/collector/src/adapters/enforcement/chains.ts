/**
 * KernelBans by iptables alone, psad's way: three chains of the filter table, one rule for each source and chain. For old hosts.
 *
 * Rules have no time-out of their own: **this process lifts them**, when asked each second whether all is prepared. With xt_time a
 * rule also stops matching by itself, but it stays in the chain. Sessions that an earlier rule accepts are cut since the jumps stand first.
 */
import {
  BLOCK_CHAINS,
  CHAINS_MOST,
  type ChainBan,
  chainsScript,
  JUMPS_FROM,
  readChain,
} from '../../enforce/chains-script.ts'
import type { Failures, KernelBans, KernelElement, Transaction, Usable } from '../../enforce/kernel-bans.ts'
import { readSubject, type Subject } from '../../enforce/subject.ts'
import { KernelFailure } from './kernel-failure.ts'
import { withFallback } from './one-by-one.ts'
import { makeTool, type Tool, type ToolAnswer } from './run-tool.ts'

const FAMILIES = [4, 6] as const
type Family = (typeof FAMILIES)[number]

export class ChainBans implements KernelBans {
  readonly name = 'iptables'
  readonly isReal = true
  readonly most: number = CHAINS_MOST
  readonly #tool: Tool
  readonly #now: () => number
  #never: readonly Subject[] = []
  #knowsTime: boolean | undefined

  constructor(tool: Tool = makeTool(), now: () => number = Date.now) {
    this.#tool = tool
    this.#now = now
  }

  async probe(): Promise<Usable> {
    const { ok, why } = await this.#tool.run(['iptables', '-w', '-S', 'INPUT'])
    return ok ? { usable: true } : { usable: false, why }
  }

  async prepare(never: readonly Subject[]): Promise<void> {
    this.#never = never
    this.#knowsTime ??= await this.#probeTime()
    for (const family of FAMILIES) {
      await this.#fill(family, await this.#bans(family))
      for (const chain of BLOCK_CHAINS) await this.#jump(family, chain)
    }
  }

  async isPrepared(): Promise<boolean> {
    for (const family of FAMILIES) {
      const { ok, stdout } = await this.#tool.run([tables(family), '-w', '-S'])
      if (!ok) return false
      if (BLOCK_CHAINS.some((chain) => !stdout.includes(`-A ${JUMPS_FROM[chain]} -j ${chain}`))) return false
      const bans = readChain(stdout)
      if (bans.some(({ until }) => until <= this.#seconds()))
        await this.#fill(family, alive(bans, this.#seconds()))
    }
    return true
  }

  async list(): Promise<KernelElement[]> {
    const listed = await Promise.all(FAMILIES.map((family) => this.#bans(family)))
    const now = this.#now() / 1_000
    return listed.flat().map(({ subject, until }) => ({
      subject: subject.text,
      seconds: Math.max(0, Math.round(until - now)),
    }))
  }

  apply(transaction: Transaction): Promise<Failures> {
    return withFallback(transaction, async (part) => {
      try {
        for (const family of FAMILIES) await this.#change(family, part)
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    })
  }

  async liftAll(): Promise<void> {
    for (const family of FAMILIES) {
      const tool = [tables(family), '-w'] as const
      for (const chain of BLOCK_CHAINS) {
        await this.#tool.run([...tool, '-D', JUMPS_FROM[chain], '-j', chain])
        await this.#tool.run([...tool, '-F', chain])
        await this.#tool.run([...tool, '-X', chain])
      }
      const left = need(await this.#tool.run([...tool, '-S'])).stdout
      if (left.includes('PICKET_BLOCK_')) throw new KernelFailure(`${tables(family)} keeps our chains`)
    }
  }

  async #change(family: Family, { set, lift }: Transaction): Promise<void> {
    const ours = ({ subject }: { subject: Subject }): boolean => subject.family === family
    const timed = set.filter(ours)
    const lifted = lift.filter((subject) => ours({ subject }))
    if (timed.length + lifted.length === 0) return
    const bans = new Map((await this.#bans(family)).map((ban) => [ban.subject.text, ban]))
    for (const { text } of lifted) bans.delete(text)
    for (const { subject, seconds } of timed) {
      bans.set(subject.text, { subject, until: this.#seconds() + seconds })
    }
    await this.#fill(family, [...bans.values()])
  }

  async #fill(family: Family, bans: readonly ChainBan[]): Promise<void> {
    const never = this.#never.filter((subject) => subject.family === family)
    const script = chainsScript(bans, never, this.#knowsTime === true)
    need(await this.#tool.run([restore(family), '-w', '--noflush'], script))
  }

  /** Those in the chain whose end lies ahead; none where there is no chain. */
  async #bans(family: Family): Promise<ChainBan[]> {
    const { ok, stdout } = await this.#tool.run([tables(family), '-w', '-S', 'PICKET_BLOCK_INPUT'])
    return ok ? alive(readChain(stdout), this.#seconds()) : []
  }

  async #jump(family: Family, chain: (typeof BLOCK_CHAINS)[number]): Promise<void> {
    const rule = [JUMPS_FROM[chain], '-j', chain] as const
    const tool = [tables(family), '-w'] as const
    if (!(await this.#tool.run([...tool, '-C', ...rule])).ok)
      need(await this.#tool.run([...tool, '-I', ...rule]))
  }

  /** In a chain of its own that nothing jumps to. */
  async #probeTime(): Promise<boolean> {
    const script =
      '*filter\n:PICKET_TRY - [0:0]\n-A PICKET_TRY -m time --datestop 2037-01-01T00:00:00 -j RETURN\nCOMMIT\n'
    const { ok } = await this.#tool.run([restore(4), '-w', '--noflush'], script)
    await this.#tool.run(['iptables', '-w', '-F', 'PICKET_TRY'])
    await this.#tool.run(['iptables', '-w', '-X', 'PICKET_TRY'])
    return ok
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1_000)
  }
}

function alive(
  bans: readonly { readonly subject: string; readonly until: number }[],
  now: number,
): ChainBan[] {
  return bans.flatMap(({ subject: text, until }) => {
    const subject = until > now ? readSubject(text) : undefined
    return subject === undefined ? [] : [{ subject, until }]
  })
}

function tables(family: Family): string {
  return family === 4 ? 'iptables' : 'ip6tables'
}

function restore(family: Family): string {
  return `${tables(family)}-restore`
}

function need(answer: ToolAnswer): ToolAnswer {
  if (!answer.ok) throw new KernelFailure(answer.why)
  return answer
}
