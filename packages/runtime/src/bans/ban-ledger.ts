/**
 * BanLedger: the newest verified message of each subject, on this host's disk, and what the fleet was told of it.
 *
 * With it a restart computes no signature twice, no outcome is told twice, a message that is older than one we had stays refused though
 * the topic was compacted meanwhile, and a host that boots without a broker knows its bans. It is written whole, a second after a change.
 */
import { mkdir } from 'node:fs/promises'
import { serialize } from 'node:v8'
import { bytesOf } from '../bytes.ts'
import { readSnapshot, writeSnapshot } from '../durable/snapshot-file.ts'
import { failpoint } from '../failpoint.ts'

export interface LedgerEntry {
  readonly bytes: Uint8Array
  /** `verifiedDigest` of them. */
  readonly digest: string
  readonly appendedAt: number
  readonly admittedAt: number
}

export interface LedgerContent {
  /** By subject. */
  readonly entries: ReadonlyMap<string, LedgerEntry>
  readonly told: ReadonlyMap<string, string>
  /** The newest central allowlist; undefined for none, and in what an older release wrote. */
  readonly allowlist?: LedgerEntry | undefined
}

const NAME = 'bans'
const WRITE_AFTER_MS = 1_000

export class BanLedger {
  readonly entries: Map<string, LedgerEntry> = new Map()
  allowlist: LedgerEntry | undefined
  readonly #folder: string | undefined
  readonly #told: () => ReadonlyMap<string, string>
  readonly #failed: (error: Error) => void
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  /** `told` is asked when it is written. Without a folder nothing is ever written. */
  constructor(
    folder: string | undefined,
    told: () => ReadonlyMap<string, string>,
    failed: (error: Error) => void,
  ) {
    this.#folder = folder
    this.#told = told
    this.#failed = failed
  }

  /** Call after whatever changed in `entries` or in what was told. */
  changed(): void {
    if (this.#folder === undefined) return
    this.#timer ??= setTimeout(() => void this.#write(this.#folder ?? ''), WRITE_AFTER_MS)
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined && this.#folder !== undefined) await this.#write(this.#folder)
    await this.#writing
  }

  async #write(folder: string): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(async () => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const { entries, allowlist } = this
        const content: LedgerContent = { entries, told: this.#told(), allowlist }
        failpoint('enforcer.ledger-due')
        await writeSnapshot(folder, NAME, bytesOf(serialize(content)))
        failpoint('enforcer.ledger-written')
      } catch (error) {
        this.#failed(error as Error)
      }
    })
    await this.#writing
  }
}

/** What was verified, for the next verifier. */
export function digestsOf({ entries, allowlist }: LedgerContent): string[] {
  const all = [...entries.values(), ...(allowlist === undefined ? [] : [allowlist])]
  return all.map(({ digest }) => digest)
}

export interface LedgerRead {
  readonly content: LedgerContent
  /** Why it cannot be used, where it is there; the topic tells all again. */
  readonly fault: string | undefined
}

const EMPTY: LedgerContent = { entries: new Map(), told: new Map() }

export function readLedger(folder: string | undefined): LedgerRead {
  if (folder === undefined) return { content: EMPTY, fault: undefined }
  const read = readSnapshot(`${folder}/${NAME}`)
  if (!read.ok) return { content: EMPTY, fault: read.fault.includes('ENOENT') ? undefined : read.fault }
  const { entries, told, allowlist } = (read.value ?? {}) as Partial<LedgerContent>
  if (entries instanceof Map && told instanceof Map)
    return { content: { entries, told, allowlist }, fault: undefined }
  return { content: EMPTY, fault: 'holds something else' }
}
