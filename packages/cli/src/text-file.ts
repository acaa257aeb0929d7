/** Reading a small text file that the user named; what fails is the user's to mend. */
import { readFileSync } from 'node:fs'
import { codeOf, WrongUse } from './failures.ts'

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongUse(`${file}: ${whyUnreadable(error)}`)
  }
}

export function whyUnreadable(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES') return 'permission denied (try sudo)'
  if (code === 'EISDIR') return 'is a directory'
  return error instanceof Error ? error.message : String(error)
}
