/**
 * A host of its own in a network namespace: an address, a gateway, a firewall that nobody else uses, and a sendmail that keeps what it is given.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ADDRESS = '198.51.100.17'
export const GATEWAY = '198.51.100.1'

let count = 0

export class OwnHost {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-host-'))
  readonly name: string = `pkt-run-${process.pid}-${count++}`
  /** What puts a command into it. */
  readonly inside: readonly string[] = ['ip', 'netns', 'exec', this.name]
  readonly sendmail: string = join(this.folder, 'sendmail')
  readonly #box: string = join(this.folder, 'mails')

  /** Why there can be none here, if so. */
  static missing(): string | false {
    const name = `pkt-try-${process.pid}`
    const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
    spawnSync('ip', ['netns', 'del', name])
    if (made.status !== 0) return `no network namespace here: ${made.stderr ?? 'no ip'}`
    return spawnSync('nft', ['--version']).status === 0 ? false : 'no nft here'
  }

  constructor() {
    mkdirSync(this.#box)
    const keep = `cat > ${this.#box}/draft && mv ${this.#box}/draft ${this.#box}/$(date +%s%N).eml`
    writeFileSync(this.sendmail, `#!/bin/sh\n${keep}\n`, { mode: 0o755 })
    try {
      this.#make()
    } catch (error) {
      this.end()
      throw error
    }
  }

  #make(): void {
    this.#must('ip', 'netns', 'add', this.name)
    this.#must('ip', '-n', this.name, 'link', 'set', 'lo', 'up')
    // Its other end is nobody
    this.#must('ip', '-n', this.name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'wire')
    this.#must('ip', '-n', this.name, 'link', 'set', 'wire', 'up')
    this.#must('ip', '-n', this.name, 'addr', 'add', `${ADDRESS}/24`, 'dev', 'eth0')
    this.#must('ip', '-n', this.name, 'link', 'set', 'eth0', 'up')
    this.#must('ip', '-n', this.name, 'route', 'add', 'default', 'via', GATEWAY)
  }

  #must(...command: readonly string[]): void {
    const ended = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' })
    if (ended.status !== 0) throw new Error(`${command.join(' ')}: ${ended.stderr}`)
  }

  get channels(): Readonly<Record<string, unknown>> {
    const [from, to] = ['picket@example.net', ['admin@example.net']]
    return { ops: { type: 'mail', from, to, sendmail: this.sendmail } }
  }

  /** As they were handed in, oldest first. */
  get mails(): readonly string[] {
    const names = readdirSync(this.#box).filter((name) => name.endsWith('.eml'))
    return names.sort().map((name) => readFileSync(join(this.#box, name), 'utf8'))
  }

  nft(...args: readonly string[]): string {
    const [file = '', ...before] = this.inside
    return spawnSync(file, [...before, 'nft', ...args], { encoding: 'utf8' }).stdout
  }

  /** Seconds that remain of each ban of a single address, as the kernel says. */
  banned(): ReadonlyMap<string, number> {
    const listed = this.nft('-j', 'list', 'set', 'inet', 'picket', 'block4')
    if (listed === '') return new Map()
    const { nftables } = JSON.parse(listed) as {
      nftables: readonly { set?: { elem?: readonly Element[] } }[]
    }
    const elements = nftables.flatMap(({ set }) => set?.elem ?? [])
    return new Map(elements.map(({ elem }) => [elem.val, elem.expires]))
  }

  end(): void {
    spawnSync('ip', ['netns', 'del', this.name])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

interface Element {
  readonly elem: { readonly val: string; readonly expires: number }
}
