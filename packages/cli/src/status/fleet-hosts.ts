/**
 * Hosts and processes of the fleet as data, from what the responder knows of each.
 *
 * A machine whose packets come although nobody there was ever heard is `unknown`: another one may forward its log.
 */
import { type Process, type ProcessState, statesOf } from '@picket/responder'
import type { FleetView } from '@picket/responder/main'
import { isoTime } from '../report/document.ts'

export interface ProcessDocument {
  readonly reporter: string
  readonly instance: string
  readonly version: string
  readonly state: ProcessState
  readonly lastHeard: string
  readonly started: string
  /** How far its clock is ahead of the broker's. */
  readonly aheadSeconds: number
  readonly faults: readonly string[]
  readonly numbers: Readonly<Record<string, number>>
}

export interface HostDocument {
  readonly reporter: string
  readonly services: readonly string[]
  readonly versions: readonly string[]
  readonly state: ProcessState | 'unknown'
  /** Null for a host that was never heard. */
  readonly lastHeard: string | null
  /** The clock that is furthest off. */
  readonly aheadSeconds: number | null
  /** Packets that it logged. */
  readonly packets: number
  readonly faults: readonly string[]
  /** Of the collector: what it has yet to send, and what it lost. */
  readonly numbers: Readonly<Record<string, number>>
}

const ON_HOSTS: readonly string[] = ['collector', 'enforcer']
const WORST_FIRST = ['blind', 'unknown', 'running', 'stopped'] as const

export function processesOf(view: FleetView, service: string): ProcessDocument[] {
  const states = statesOf(view.processes, view.now, view.listeningSince)
  return [...states]
    .filter(([process]) => process.service === service)
    .map(([process, state]) => processDocument(process, state))
    .sort((a, b) => (a.reporter < b.reporter ? -1 : 1))
}

function processDocument(process: Process, state: ProcessState): ProcessDocument {
  const { reporter, instance, version, lastHeard, started, aheadMs, faults, numbers } = process
  return {
    ...{ reporter, instance, version, state, faults, numbers },
    lastHeard: isoTime(lastHeard),
    started: isoTime(started),
    aheadSeconds: aheadMs / 1000,
  }
}

/** The worst first. */
export function hostsOf(view: FleetView): HostDocument[] {
  const states = statesOf(view.processes, view.now, view.listeningSince)
  const byReporter = new Map<string, Process[]>()
  for (const process of view.processes) {
    if (!ON_HOSTS.includes(process.service)) continue
    byReporter.set(process.reporter, [...(byReporter.get(process.reporter) ?? []), process])
  }
  const packets = new Map(Object.entries(view.totals.reporters))
  const heard = [...byReporter].map(([reporter, processes]) =>
    hostDocument(reporter, processes, states, packets.get(reporter) ?? 0),
  )
  const unheard = [...packets].filter(([reporter]) => !byReporter.has(reporter))
  const hosts = [...heard, ...unheard.map(([reporter, count]) => unknownHost(reporter, count))]
  return hosts.sort(
    (a, b) =>
      WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || (a.reporter < b.reporter ? -1 : 1),
  )
}

function hostDocument(
  reporter: string,
  processes: readonly Process[],
  states: ReadonlyMap<Process, ProcessState>,
  packets: number,
): HostDocument {
  const furthest = processes.reduce((a, b) => (Math.abs(b.aheadMs) > Math.abs(a.aheadMs) ? b : a))
  const newest = [...processes].sort((a, b) => b.lastHeard - a.lastHeard)
  const collector = newest.find(({ service }) => service === 'collector')
  return {
    reporter,
    services: [...new Set(processes.map(({ service }) => service))].sort(),
    versions: [...new Set(processes.map(({ version }) => version))].sort(),
    state: stateOfHost(processes.map((process) => states.get(process) ?? 'running')),
    lastHeard: isoTime(Math.max(...processes.map(({ lastHeard }) => lastHeard))),
    aheadSeconds: furthest.aheadMs / 1000,
    packets,
    faults: processes.flatMap(({ faults }) => faults),
    numbers: collector?.numbers ?? {},
  }
}

/** One silent process is enough to be blind, and one that runs enough not to be stopped. */
function stateOfHost(states: readonly ProcessState[]): ProcessState {
  if (states.includes('blind')) return 'blind'
  return states.includes('running') ? 'running' : 'stopped'
}

function unknownHost(reporter: string, packets: number): HostDocument {
  return {
    ...{ reporter, packets, services: [], versions: [], state: 'unknown', lastHeard: null },
    ...{ aheadSeconds: null, faults: [], numbers: {} },
  }
}
