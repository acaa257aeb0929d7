/**
 * Identity: who this agent is, kept beside the spool and not in it.
 *
 * An agent's batch numbers must never run backwards, as a number that was seen is taken for a repeat and thrown
 * away. So the identity keeps a floor under the numbers: a spool that lies below it was lost or is an old copy, and
 * the agent becomes another one. So it does on another machine: a disk that was cloned must not speak in two voices.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { serialize } from 'node:v8'
import { bytesOf, readSnapshot, writeSnapshot } from '@picket/runtime'

const NAME = 'agent'

export interface Identity {
  readonly agent: string
  /** /etc/machine-id; '' where there is none. */
  readonly machine: string
  /** The places below which the spool must not stand. */
  readonly floor: readonly number[]
}

export function readIdentity(folder: string): Identity | undefined {
  const read = readSnapshot(`${folder}/${NAME}`)
  return read.ok ? (read.value as Identity) : undefined
}

export async function writeIdentity(folder: string, identity: Identity): Promise<void> {
  await writeSnapshot(folder, NAME, bytesOf(serialize(identity)))
}

export function newAgent(): string {
  return randomBytes(16).toString('hex')
}

export function machineId(path = '/etc/machine-id'): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Why the agent of the folder cannot go on as the one it was; undefined where it can. */
export function whyAnother(
  known: Identity | undefined,
  spool: { readonly agent: string; readonly next: readonly number[]; readonly isDoubtful: boolean },
  machine: string,
): 'first' | 'other-machine' | 'spool-fell-back' | undefined {
  if (known === undefined) return spool.agent === '' ? 'first' : 'spool-fell-back'
  if (known.machine !== machine && known.machine !== '' && machine !== '') return 'other-machine'
  const fellBack = known.floor.some((floor, partition) => (spool.next[partition] ?? 1) < floor)
  return fellBack || spool.isDoubtful || spool.agent !== known.agent ? 'spool-fell-back' : undefined
}
