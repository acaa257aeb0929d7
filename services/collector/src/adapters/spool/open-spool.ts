/**
 * Open spool: what the last process left, under the identity that may go on with it.
 *
 * The identity is durable before anything can be published under it. A spool of another machine is no longer ours to
 * send or to go on from: it is set aside whole, for whoever knows better.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { lockFolder } from '@picket/runtime'
import type { SpoolEvents } from '../../spool-events.ts'
import { machineId, newAgent, readIdentity, whyAnother } from './identity.ts'
import { type RecoveredSpool, recoverSpool } from './recover-spool.ts'
import { Spool } from './spool.ts'
import type { SpoolOptions } from './spool-parts.ts'

const SET_ASIDE = 'of-another-machine'

export async function openSpool(
  options: SpoolOptions,
  events: SpoolEvents,
  machine: string = machineId(),
): Promise<Spool> {
  mkdirSync(options.path, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(options.path)
  try {
    const spool = new Spool({ options, unlock, ...recover(options, events, machine) }, events)
    await spool.start()
    return spool
  } catch (error) {
    unlock()
    throw error
  }
}

function recover(
  { path, partitions }: SpoolOptions,
  events: SpoolEvents,
  machine: string,
): Pick<ConstructorParameters<typeof Spool>[0], 'state' | 'segments' | 'number' | 'identity'> {
  const began = performance.now()
  const known = readIdentity(path)
  let found = recoverSpool(path, partitions)
  const why = whyAnother(known, { ...found.state, isDoubtful: found.isDoubtful }, machine)
  for (const fault of found.faults) events.spoolFault(fault)
  events.spoolDamaged(found.lostBytes)
  if (why === 'other-machine') found = setAside(path, partitions, found)
  if (why !== undefined) {
    found.state.beginAs(newAgent())
    events.agentMade(found.state.agent, why)
  }
  if (found.newest !== undefined) {
    events.spoolRecovered(found.segments.length, (performance.now() - began) / 1000)
  }
  const { state, segments, newest } = found
  return { state, segments, number: newest ?? 0, identity: { agent: state.agent, machine } }
}

function setAside(path: string, partitions: number, found: RecoveredSpool): RecoveredSpool {
  const aside = `${path}/${SET_ASIDE}`
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { mode: 0o700 })
  for (const segment of found.segments) {
    renameSync(segment.path, `${aside}/${segment.path.slice(path.length + 1)}`)
  }
  return recoverSpool(path, partitions)
}
