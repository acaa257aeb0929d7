/**
 * Ignore rules (psad's IGNORE_*): packets that no policy ever sees.
 *
 * The interface that counts is IN, and OUT only for packets of this machine itself. The regular expression of
 * prefixes is asked once per distinct prefix: firewalls have a handful of them, logs have millions of lines.
 */
import { directionOf, type Packet, protocolNumber } from '@picket/schemas'
import { parseCriterion, splitList } from './criterion.ts'
import { compileNetworks, type NetworkSet, type RuleFault } from './networks.ts'

/** Each text may itself be a comma list, as psad.conf has it. */
export interface IgnoreSettings {
  /** IGNORE_PORTS: destination ports, `tcp/61000-61356`. */
  readonly ports?: readonly string[] | undefined
  /** IGNORE_PROTOCOLS: names or numbers. */
  readonly protocols?: readonly string[] | undefined
  /** IGNORE_INTERFACES. */
  readonly interfaces?: readonly string[] | undefined
  /** IGNORE_LOG_PREFIXES: regular expressions, found anywhere in the prefix. */
  readonly prefixes?: readonly string[] | undefined
  readonly sources?: readonly string[] | undefined
  readonly destinations?: readonly string[] | undefined
}

export interface Ignore {
  /** Nothing is ignored: nobody needs to look further. */
  readonly empty: boolean
  /** By protocol: 1 when all of it is ignored. */
  readonly protocols: Uint8Array
  /** By protocol: one byte per port, 1 when ignored; null when the protocol has none. */
  readonly ports: readonly (Uint8Array | null)[]
  readonly interfaces: ReadonlySet<string>
  readonly prefixes: readonly RegExp[]
  readonly sources: NetworkSet
  readonly destinations: NetworkSet
  /** What the expressions said of the prefixes met so far. */
  readonly judged: Map<string, boolean>
}

/** A hostile file may hold a new prefix in each line; beyond this many the memory starts anew. */
const MAX_JUDGED_PREFIXES = 4096

export function compileIgnore(settings: IgnoreSettings, faults: RuleFault[]): Ignore {
  const ignore = {
    protocols: compileProtocols(settings.protocols ?? [], faults),
    ports: compilePorts(settings.ports ?? [], faults),
    interfaces: new Set((settings.interfaces ?? []).flatMap(splitList)),
    prefixes: compilePrefixes(settings.prefixes ?? [], faults),
    sources: compileNetworks(settings.sources, 'ignore.sources', faults),
    destinations: compileNetworks(settings.destinations, 'ignore.destinations', faults),
    judged: new Map<string, boolean>(),
  }
  const empty =
    !ignore.protocols.includes(1) &&
    ignore.ports.every((ports) => ports === null) &&
    ignore.interfaces.size + ignore.prefixes.length + ignore.sources.size + ignore.destinations.size === 0
  return { empty, ...ignore }
}

export function ignores(ignore: Ignore, packet: Packet): boolean {
  if (ignore.empty) return false
  return (
    ignore.protocols[packet.proto] === 1 ||
    ignoresPort(ignore, packet) ||
    ignoresInterface(ignore, packet) ||
    ignoresPrefix(ignore, packet.prefix) ||
    ignore.sources.match(packet.src) === true ||
    ignore.destinations.match(packet.dst) === true
  )
}

function ignoresPort(ignore: Ignore, packet: Packet): boolean {
  const ports = ignore.ports[packet.proto]
  return ports !== null && ports !== undefined && ports[packet.dpt] === 1
}

function ignoresInterface(ignore: Ignore, packet: Packet): boolean {
  if (ignore.interfaces.size === 0) return false
  return ignore.interfaces.has(directionOf(packet) === 'out' ? packet.out : packet.in)
}

function ignoresPrefix(ignore: Ignore, prefix: string): boolean {
  if (ignore.prefixes.length === 0) return false
  const known = ignore.judged.get(prefix)
  if (known !== undefined) return known
  const answer = ignore.prefixes.some((expression) => expression.test(prefix))
  if (ignore.judged.size >= MAX_JUDGED_PREFIXES) ignore.judged.clear()
  ignore.judged.set(prefix, answer)
  return answer
}

function compileProtocols(texts: readonly string[], faults: RuleFault[]): Uint8Array {
  const ignored = new Uint8Array(256)
  for (const [i, text] of texts.entries()) {
    for (const name of splitList(text)) {
      const proto = protocolNumber(name)
      if (proto < 0) faults.push({ path: `ignore.protocols[${i}]`, reason: `"${name}" is no IP protocol` })
      else ignored[proto] = 1
    }
  }
  return ignored
}

function compilePorts(texts: readonly string[], faults: RuleFault[]): (Uint8Array | null)[] {
  const ignored = new Array<Uint8Array | null>(256).fill(null)
  for (const [i, text] of texts.entries()) {
    for (const part of splitList(text)) {
      const reason = addPorts(ignored, part)
      if (reason !== undefined) faults.push({ path: `ignore.ports[${i}]`, reason })
    }
  }
  return ignored
}

function addPorts(ignored: (Uint8Array | null)[], text: string): string | undefined {
  const criterion = parseCriterion(text)
  if (typeof criterion === 'string') return criterion
  if (criterion.from < 0) return `"${text}" names no port; to ignore a whole protocol use ignore.protocols`
  const ports = ignored[criterion.proto] ?? new Uint8Array(65_536)
  ports.fill(1, criterion.from, criterion.to + 1)
  ignored[criterion.proto] = ports
  return undefined
}

function compilePrefixes(texts: readonly string[], faults: RuleFault[]): RegExp[] {
  const expressions: RegExp[] = []
  for (const [i, text] of texts.entries()) {
    if (text === '' || text === 'NONE') continue
    try {
      expressions.push(new RegExp(text))
    } catch (error) {
      const reason = `"${text}" is no regular expression: ${(error as Error).message}`
      faults.push({ path: `ignore.prefixes[${i}]`, reason })
    }
  }
  return expressions
}
