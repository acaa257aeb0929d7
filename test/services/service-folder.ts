/**
 * Temporary folders of test services, one each, removed when the service is stopped.
 *
 * The name tells whose it is. A process that was killed cannot tidy up, so whoever makes the next folder removes those whose owner
 * is gone.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NAME = /^picket-test-(\d+)-/

export function makeServiceFolder(service: string): string {
  removeLeftOver()
  return mkdtempSync(join(tmpdir(), `picket-test-${process.pid}-${service}-`))
}

export function removeServiceFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

function removeLeftOver(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = NAME.exec(name)?.[1]
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeServiceFolder(join(tmpdir(), name))
  }
}
