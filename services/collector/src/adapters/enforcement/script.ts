/**
 * KernelBans by a program of the user's, for firewalls that we do not know:
 * `PROGRAM check | prepare | add SUBJECT SECONDS | del SUBJECT | list | flush`.
 *
 * Status 0 is success; `check` also says whether its work still stands; `list` prints `SUBJECT SECONDS` a line. `prepare` gets the
 * never-ban list on standard input, a line each. It is run without a shell, and must end each ban by itself.
 */
import type { Failures, KernelBans, KernelElement, Transaction, Usable } from '../../enforce/kernel-bans.ts'
import { readSubject, type Subject } from '../../enforce/subject.ts'
import { KernelFailure } from './kernel-failure.ts'
import { makeTool, type Tool } from './run-tool.ts'

const MOST = 10_000

export class ScriptBans implements KernelBans {
  readonly name = 'script'
  readonly isReal = true
  readonly most: number = MOST
  readonly #program: readonly string[]
  readonly #tool: Tool

  constructor(program: readonly string[], tool: Tool = makeTool()) {
    this.#program = program
    this.#tool = tool
  }

  async probe(): Promise<Usable> {
    const { ok, why } = await this.#run(['check', 'tool'])
    return ok ? { usable: true } : { usable: false, why }
  }

  async prepare(never: readonly Subject[]): Promise<void> {
    await this.#need(['prepare'], never.map(({ text }) => `${text}\n`).join(''))
  }

  async isPrepared(): Promise<boolean> {
    return (await this.#run(['check'])).ok
  }

  async list(): Promise<KernelElement[]> {
    const text = await this.#need(['list'])
    return text.split('\n').flatMap((line) => {
      const [subject = '', seconds] = line.trim().split(/\s+/)
      return readSubject(subject) === undefined ? [] : [{ subject, seconds: Number(seconds) || 0 }]
    })
  }

  async apply({ set, lift }: Transaction): Promise<Failures> {
    const failures = new Map<string, string>()
    const attempt = async (subject: Subject, args: readonly string[]): Promise<void> => {
      const { ok, why } = await this.#run(args)
      if (!ok) failures.set(subject.text, why)
    }
    for (const subject of lift) await attempt(subject, ['del', subject.text])
    for (const { subject, seconds } of set) await attempt(subject, ['add', subject.text, String(seconds)])
    return failures
  }

  async liftAll(): Promise<void> {
    await this.#need(['flush'])
  }

  #run(args: readonly string[], input?: string): ReturnType<Tool['run']> {
    return this.#tool.run([...this.#program, ...args], input)
  }

  async #need(args: readonly string[], input?: string): Promise<string> {
    const { ok, stdout, why } = await this.#run(args, input)
    if (!ok) throw new KernelFailure(why)
    return stdout
  }
}
