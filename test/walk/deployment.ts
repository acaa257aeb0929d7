/**
 * What the walk needs of Picket, however it is run: a fleet of services, or `picket run` on one host.
 *
 * All that a user would do goes through the command, as he would type it; `transcript` keeps what it said, for docs/tutorial.md.
 */
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
    const said = await this.quietly(...args)
    this.tell(`$ picket ${args.join(' ')}\n${said}`)
    return said
  }

  /** The same, of which nobody is to read. */
  protected async quietly(...args: readonly string[]): Promise<string> {
    const ended = await picket([...args, '--config', this.config])
    if (ended.status !== 0) throw new Error(`picket ${args.join(' ')}: ${ended.stderr}\n${this.log()}`)
    return ended.stdout
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.quietly('status', '--json')) as Status
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
    return (JSON.parse(await this.quietly('bans', '--json')) as ShownBans).bans
  }

  readMail(at: number): { readonly subject: string; readonly text: string } {
    const { subject = '', text = '' } = this.mails[at]?.parsed ?? {}
    this.tell(`Subject: ${subject}\n\n${text}`)
    return { subject, text }
  }

  tell(said: string): void {
    this.transcript.push(said)
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string, deadlineMs?: number): Promise<void> {
    await waitUntil(isTrue, () => `${what}; it logged:\n${this.log()}`, deadlineMs)
  }
}
