/**
 * Scenario: a made capture with what Picket should say of it, in the form of a truth.json row.
 *
 * The recorded traces show few parameters of each kind of scan; scenarios vary them (ports, speed, hosts, rule style), so that a
 * rule which only fits the recordings fails here.
 */
import { logLine, type Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import type { Expectation } from '../score/truth.ts'

export interface Scenario {
  readonly file: string
  readonly expect: Expectation
  readonly sources: readonly string[]
  /** For files in which sources deserve different things. */
  readonly labels?: Readonly<Record<string, Expectation>>
  readonly allow?: readonly string[]
  readonly probes: readonly Probe[]
  /** How a line of it is written; a BSD syslog line of the kernel unless told otherwise. */
  readonly write?: (probe: Probe) => string
  readonly note: string
}

/** The day of the scenarios: no New Year and no leap day near it. */
export const DAY: number = Date.UTC(2026, 10, 23, 15, 0, 0)

/** Which rules logged a packet; each writes its own prefix and leaves its own fields out. */
export type Style = 'ipt' | 'nft' | 'ufw' | 'ufw-high' | 'firewalld' | 'plain'

export const STYLES: readonly Style[] = ['ipt', 'nft', 'ufw', 'ufw-high', 'firewalld', 'plain']

interface Prefixes {
  readonly plain: readonly string[]
  /** For TCP packets that open nothing and belong to nothing conntrack knows. */
  readonly invalid: readonly string[]
  /** The rules ask for TCP options and sequence numbers. */
  readonly options: boolean
}

/** UFW from level medium on logs one packet up to three times. */
const PREFIXES: Readonly<Record<Style, Prefixes>> = {
  ipt: { plain: ['DROP '], invalid: ['DROP INVALID '], options: true },
  nft: { plain: ['nft-drop '], invalid: ['nft-invalid '], options: true },
  ufw: { plain: ['[UFW BLOCK] '], invalid: ['[UFW BLOCK] '], options: false },
  'ufw-high': {
    plain: ['[UFW AUDIT] ', '[UFW BLOCK] '],
    invalid: ['[UFW AUDIT] ', '[UFW AUDIT INVALID] ', '[UFW BLOCK] '],
    options: false,
  },
  firewalld: {
    plain: ['filter_IN_public_REJECT: '],
    invalid: ['STATE_INVALID_DROP: '],
    options: false,
  },
  plain: { plain: [''], invalid: [''], options: false },
}

/** The lines that one packet leaves under a style. */
export function logged(style: Style, probe: Probe): Probe[] {
  const { plain, invalid, options } = PREFIXES[style]
  const strange = probe.proto === 'TCP' && probe.flags !== undefined && probe.flags !== 'SYN'
  const written = options ? probe : withoutOptions(probe)
  return (strange ? invalid : plain).map((prefix) => ({ ...written, prefix }))
}

/** UFW and firewalld log neither TCP options nor sequence numbers. */
function withoutOptions(probe: Probe): Probe {
  const { options: _options, seq: _seq, ack: _ack, ...bare } = probe
  return bare
}

/** The file's text: probes in the order of their time. */
export function textOf(scenario: Scenario): string {
  const write = scenario.write ?? logLine
  const ordered = [...scenario.probes].sort((a, b) => a.time - b.time)
  return ordered.map((probe) => `${write(probe)}\n`).join('')
}

/** `count` times from `start` on, about `gap` ms apart, jittered by a tenth. */
export function times(random: Random, start: number, count: number, gap: number): number[] {
  let time = start
  return Array.from({ length: count }, () => {
    time += gap * (0.9 + random.next() * 0.2)
    return Math.round(time)
  })
}
