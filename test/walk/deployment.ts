/**
 * What the walk needs of Picket, however it is run: a fleet of services, or `picket run` on one host.
 *
 * All that a user would do goes through the command, as he would type it; `transcript` keeps what it said, for docs/tutorial.md.
 */
import { askControl } from '@picket/runtime'
import { picket } from '../picket.ts'
import type { ShownBans } from '../responding.ts'
import { waitUntil } from '../services/wait-until.ts'
import type { Smtp, TakenMail } from '../telling/smtp.ts'
import type { Host } from './place.ts'

/** What the walk reads of `picket status --json`. */
export interface Status {
  readonly packets: number
  readonly ignored: number
  readonly incidents: readonly {
    readonly source: string | null
    readonly level: number
    readonly kinds: readonly string[]
    readonly portCount: number
    readonly hosts: readonly string[]
    readonly ports: Readonly<Record<string, string>>
  }[]
}

export interface Rule {
  readonly name: string
  readonly when: Readonly<Record<string, unknown>>
  readonly tell: readonly string[]
  readonly ban?: number
}

/** Sections of the configuration that the walk changes on its way. */
export interface Changing {
  readonly rules: { readonly assignments: readonly { readonly network: string; readonly level: number }[] }
  readonly decisions: { readonly rules: readonly Rule[] }
}

export abstract class Deployment {
  readonly hosts: readonly Host[]
  readonly transcript: string[] = []
  readonly #smtp: Smtp

  constructor(hosts: readonly Host[], smtp: Smtp) {
    this.hosts = hosts
    this.#smtp = smtp
  }

  /** By which docs/tutorial.md marks what it quotes. */
  abstract readonly name: 'fleet' | 'run'
  /** The file that the command is given. */
  protected abstract readonly config: string
  /** Where the command asks. */
  protected abstract readonly socket: string
  /** What its processes logged, for whoever reads a failure. */
  protected abstract log(): string

  /** Takes the sections over, by SIGHUP or a restart, as the product does it; it holds when this resolves. */
  abstract change(changing: Partial<Changing>): Promise<void>
  abstract stop(): Promise<void>

  /** Oldest first. */
  get mails(): readonly TakenMail[] {
    return this.#smtp.mails
  }

  /** What the command says. */
  async ask(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await picket([...args, '--config', this.config])
    if (status !== 0) throw new Error(`picket ${args.join(' ')}: ${stderr}\n${this.log()}`)
    this.tell(`$ picket ${args.join(' ')}\n${stdout}`)
    return stdout
  }

  /** The answer that the command would be given: what is asked many times needs no process for each. */
  #asked(command: string): Promise<unknown> {
    return askControl(this.socket, { command })
  }

  /** It can be asked, by whatever has begun. */
  protected async answers(): Promise<boolean> {
    return this.#asked('status').then(
      () => true,
      () => false,
    )
  }

  /** Hosts of which an enforcer was heard. */
  protected async hostsHeard(): Promise<number> {
    return ((await this.#asked('bans')) as ShownBans).hosts.length
  }

  /** What `picket status --json` prints. */
  async status(): Promise<Status> {
    return (await this.#asked('status')) as Status
  }

  async found(source: string): Promise<Status['incidents'][number] | undefined> {
    return (await this.status()).incidents.find((incident) => incident.source === source)
  }

  /** Subjects of bans in force, as `picket bans` knows them. */
  async listed(): Promise<string[]> {
    return (await this.#bans()).map(({ subject }) => subject)
  }

  /** Those of them to which a host has not answered yet. */
  async unanswered(): Promise<string[]> {
    return (await this.#bans()).flatMap(({ subject, missing }) => (missing.length > 0 ? [subject] : []))
  }

  async #bans(): Promise<ShownBans['bans']> {
    return ((await this.#asked('bans')) as ShownBans).bans
  }

  readMail(at: number): { readonly subject: string; readonly text: string } {
    const { subject = '', text = '' } = this.mails[at]?.parsed ?? {}
    this.tell(`Subject: ${subject}\n\n${text}`)
    return { subject, text }
  }

  tell(said: string): void {
    this.transcript.push(said)
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string, deadlineMs = 120_000): Promise<void> {
    await waitUntil(isTrue, () => `${what}; it logged:\n${this.log()}`, deadlineMs)
  }
}
