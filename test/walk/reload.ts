/** SIGHUP, as an admin sends it: resolves when the new configuration holds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { waitUntil } from '../services/wait-until.ts'

/** Logged once all of it has been taken over. */
const RELOADED = 'the configuration was read again and holds now'

export async function reload(process: FleetProcess): Promise<void> {
  const { folder, config } = process.command
  writeFileSync(join(folder, 'picket.yaml'), JSON.stringify(config))
  const reloads = (): number => process.wholeLog().split(RELOADED).length
  const before = reloads()
  process.signal('SIGHUP')
  await waitUntil(
    () => reloads() > before,
    () => `the new configuration to hold; it logged:\n${process.log()}`,
  )
}
