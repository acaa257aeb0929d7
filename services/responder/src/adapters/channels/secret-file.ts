/**
 * Secrets from files, read at every use: a new one is taken without a restart. A message never holds what was read.
 */
import { readFile, stat } from 'node:fs/promises'
import type { SendFailure } from '../../tell/index.ts'

const MAX_BYTES = 16_384

/** Something that the configuration names is missing or unreadable. Mending it is enough: the notice waits. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured'

  asFailure(): SendFailure {
    return { ok: false, reason: 'misconfigured', retryable: true, why: this.message }
  }
}

/** Without the line end that editors add. */
export async function readSecret(path: string): Promise<string> {
  const secret = (await readNamed(path)).trim()
  if (secret === '') throw new Misconfigured(`${path} is empty`)
  return secret
}

export async function readNamed(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES * 64) throw new Error('it is too large')
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Misconfigured(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
