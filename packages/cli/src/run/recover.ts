/**
 * Recover: from what the last run left in the folder to where it was.
 *
 * Alerts that come up in the replay and were not noted as told are told now: between telling and noting
 * there is a moment, so after a kill an alert may come twice, under the same id, and never not at all.
 */
import type { JournalledStore, MemoryStoreState, StateFolder } from '@picket/runtime'
import type { Alert } from '@picket/schemas'
import { WrongUse } from '../failures.ts'
import type { RunEvents } from './events.ts'
import type { Intake, IntakeState } from './intake.ts'
import { readRecord } from './records.ts'

/** What a snapshot of a run holds. Raise the number when an older Picket could misread it. */
export const STATE_VERSION = 1

export interface RunState {
  readonly version: number
  readonly intake: IntakeState
  readonly untold: readonly Alert[]
  /** Of the response; a snapshot of an older Picket has none. */
  readonly store?: MemoryStoreState | undefined
}

export interface Recovering {
  readonly folder: StateFolder
  readonly intake: Intake
  readonly store: JournalledStore
  /** Alerts that the intake raises meanwhile. */
  readonly raised: ReadonlyMap<string, Alert>
  readonly events: RunEvents
}

/** Returns the alerts that are still to be told. */
export function recover({ folder, intake, store, raised, events }: Recovering): Alert[] {
  const began = performance.now()
  const { snapshot, records, faults } = folder.recover()
  const state = snapshot === undefined ? undefined : checkedState(snapshot, folder.path)
  if (state !== undefined) restore(intake, state, events)
  if (state?.store !== undefined) store.restore(state.store)
  const { count, told } = replay(records, intake, store)
  for (const fault of faults) events.stateFault(fault)
  if (state !== undefined || count > 0) events.recovered(count, (performance.now() - began) / 1000)
  const all = [...(state?.untold ?? []), ...raised.values()]
  return all.filter((alert) => !told.has(alert.id))
}

function replay(
  records: Iterable<Uint8Array>,
  intake: Intake,
  store: JournalledStore,
): { count: number; told: Set<string> } {
  const told = new Set<string>()
  let count = 0
  for (const payload of records) {
    const record = readRecord(payload)
    if (record?.kind === 'input') intake.take(record.head, record.bytes)
    if (record?.kind === 'store') store.replay(record.bytes)
    for (const id of record?.kind === 'told' ? record.ids : []) told.add(id)
    count++
  }
  return { count, told }
}

function checkedState(snapshot: unknown, path: string): RunState {
  const state = snapshot as RunState
  if (state.version === STATE_VERSION) return state
  throw new WrongUse(
    `${path} was written by another version of Picket (state ${state.version}, this one reads ${STATE_VERSION}): ` +
      'move the folder away to begin anew, or run the version that wrote it',
  )
}

function restore(intake: Intake, state: RunState, events: RunEvents): void {
  try {
    intake.restore(state.intake)
  } catch (error) {
    events.stateOfOtherPolicy(error as Error)
  }
}
