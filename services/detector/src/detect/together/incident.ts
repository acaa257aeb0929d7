/**
 * The incident of a cell as it stands. Cold; made when somebody is told.
 */
import {
  type DangerLevel,
  HIGH_SEED,
  hashText,
  type Incident,
  LOW_SEED,
  printId,
  protocolName,
} from '@picket/schemas'
import { type PicketPolicy, rungOf } from '../picket/policy.ts'
import { scoreOf } from '../picket/score.ts'
import { printPorts } from '../port-ranges.ts'
import { isPrivate } from '../special-address.ts'
import { techniqueNames } from '../technique.ts'
import type { Cell } from './cell.ts'
import {
  addressOf,
  compareKeys,
  portOf,
  printGroup,
  printHost,
  printSource,
  printTarget,
  protocolOf,
} from './keys.ts'
import { reasonsOf } from './reasons.ts'
import type { Story } from './story.ts'

/** Names that a list holds at most; the counts beside it are of all. */
const MAX_NAMES = 256

export type Ladders = PicketPolicy['levels']

export function levelOf(cell: Cell, levels: Ladders): number {
  return Math.max(1, rungOf(levels.contacts, cell.contacts.length), rungOf(levels.hosts, cell.hosts))
}

export function incidentOf(story: Story, policy: PicketPolicy): Incident {
  const { cell } = story
  const { contacts } = cell
  const sources = distinct(contacts.map(({ source }) => source))
  const hosts = distinct(contacts.map(({ host }) => host))
  const shapes = distinct(contacts.map(({ shape }) => shape))
  const withPort = shapes.filter((shape) => portOf(shape) >= 0)
  return {
    id: idOf(story),
    source: null,
    members: sources.slice(0, MAX_NAMES).map(printSource),
    target: printTarget(cell.target),
    prefix: printGroup(cell.group),
    kinds: ['distributed_scan'],
    level: story.level as DangerLevel,
    score: scoreCell(story, hosts.length, withPort, policy),
    firstSeen: contacts[0]?.time ?? 0,
    lastSeen: cell.last,
    packets: contacts.length,
    contacts: contacts.length,
    hosts: hosts.slice(0, MAX_NAMES).map(printHost),
    hostCount: hosts.length,
    reporters: [],
    ports: portsByName(withPort),
    portCount: withPort.length,
    protocols: distinct(shapes.map(protocolOf)),
    techniques: techniqueNames(contacts.reduce((bits, { technique }) => bits | (1 << technique), 0)),
    attack: [isPrivate(addressOf(sources[0] ?? 0)) ? 'T1046' : 'T1595.001'],
    tool: null,
    os: null,
    signatures: [],
    bannable: false,
    reasons: reasonsOf(story),
  }
}

function idOf({ cell, day }: Story): string {
  const text = JSON.stringify([printTarget(cell.target), printGroup(cell.group), day])
  return printId(hashText(text, HIGH_SEED), hashText(text, LOW_SEED))
}

function scoreCell(story: Story, hosts: number, shapes: readonly number[], policy: PicketPolicy): number {
  return scoreOf({
    evidence: Math.min(2_000, Math.round(-100 * story.finding.lnChance)),
    hosts,
    ports: shapes.length,
    kinds: 1,
    touchesSensitivePort: shapes.some((shape) => policy.sensitivePorts.includes(portOf(shape))),
    isOutbound: false,
  })
}

function portsByName(shapes: readonly number[]): Record<string, string> {
  const byProtocol = new Map<number, number[]>()
  for (const shape of shapes) {
    const ports = byProtocol.get(protocolOf(shape)) ?? []
    byProtocol.set(protocolOf(shape), [...ports, portOf(shape)])
  }
  return Object.fromEntries([...byProtocol].map(([proto, ports]) => [protocolName(proto), printPorts(ports)]))
}

function distinct<K extends number | string>(keys: readonly K[]): K[] {
  return [...new Set(keys)].sort(compareKeys)
}
