/**
 * Folder lock: at most one living process works in a state folder.
 *
 * The lock file names its holder by pid, start time and boot, because a pid alone may by now belong to
 * somebody else. It is put in place by link(2), which is atomic and never replaces; a dead holder's
 * file is moved away first, and put back if it turns out that another process was quicker.
 */
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'

export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(`${folder} is in use by process ${pid}: stop that one first, or give this one another state folder`)
    this.pid = pid
  }
}

/** Takes the lock or throws FolderLockedError; the returned function lets go of it. */
export function lockFolder(folder: string): () => void {
  const lock = `${folder}/lock`
  const draft = `${folder}/lock.${process.pid}`
  const own = holderOf(process.pid)
  writeFileSync(draft, own, { mode: 0o600 })
  try {
    while (!tryLink(draft, lock)) clearDeadHolder(folder, lock)
  } finally {
    unlinkSync(draft)
  }
  return () => {
    if (textOf(lock) === own) unlinkSync(lock)
  }
}

function tryLink(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function clearDeadHolder(folder: string, lock: string): void {
  const holder = textOf(lock)
  if (holder === undefined) return
  const pid = Number(holder.split(' ')[0])
  if (holderOf(pid) === holder) throw new FolderLockedError(folder, pid)
  const aside = `${lock}.dead.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (textOf(aside) !== holder) tryLink(aside, lock)
  unlinkSync(aside)
}

/** `pid start-time boot`, or `pid - -` where the process does not exist. */
function holderOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`)
  // The command's name may hold blanks and brackets; field 22 (starttime, proc(5)) counts from behind the last bracket.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  const boot = textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '-'
  return `${pid} ${started} ${started === '-' ? '-' : boot}`
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
