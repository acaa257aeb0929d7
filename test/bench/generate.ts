/**
 * The file that `bench:analyze` reads: a million lines of ten thousand sources, the same bytes on every machine.
 *
 * Two shapes. `usual`: of ten sources nine are noise of one to three packets and one scans, each active once, for five seconds to a day.
 * `worst`: all ten thousand scan, and take turns all day, which no traffic does: every line is news of a source not met for 9,999 lines. A
 * part with whole sources is written beside it for programs too slow for all of it.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logLine, type Probe } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { linuxSyn, masscan, nmapTcp, nmapUdp } from '../scenarios/packets.ts'
import { FREQUENT } from '../scenarios/ports.ts'

export type Shape = 'usual' | 'worst'

export interface SampleRequest {
  readonly lines: number
  readonly sources: number
  readonly shape: Shape
  /** Lines of the first so many sources only. */
  readonly keep?: number
}

export interface Sample {
  readonly path: string
  readonly lines: number
  readonly sources: number
}

/** To be raised when the same seed gives other bytes. */
const VERSION = 3
const HOSTS = 50
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 22)
const SHORTEST_SESSION_MS = 5_000
/** Above every source's number: a moment and a source make one sortable number below 2^53. */
const SOURCES_BOUND = 2 ** 20
/** Lines written at once. */
const BATCH = 10_000

/** Makes the file unless it stands in the temporary folder already. */
export function sampleFile(request: SampleRequest): Sample {
  const { lines, sources, shape, keep = sources } = request
  const folder = join(tmpdir(), 'picket-bench')
  const path = join(folder, `v${VERSION}-${shape}-${lines}-${sources}-${keep}.log`)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    write(`${path}.part`, schedule(request), shape, keep)
    renameSync(`${path}.part`, path)
  }
  let kept = 0
  for (let source = 0; source < keep; source++) kept += linesOf(source, request)
  return { path, lines: kept, sources: keep }
}

const NOISE_OF_TEN = 9

function isNoise(source: number, shape: Shape): boolean {
  return shape === 'usual' && source % 10 < NOISE_OF_TEN
}

/** How many lines a source writes. */
function linesOf(source: number, { lines, sources, shape }: SampleRequest): number {
  if (shape === 'worst') return Math.floor(lines / sources)
  if (isNoise(source, shape)) return 1 + (source % 3)
  // Noise writes two lines on average
  return Math.floor((lines * 10) / sources) - 2 * NOISE_OF_TEN
}

/** Who writes when, in the order of time: ms of the day times SOURCES_BOUND, plus the source. */
function schedule(request: SampleRequest): Float64Array {
  const { sources, shape } = request
  const random = new Random(1)
  const turns: number[] = []
  for (let source = 0; source < sources; source++) {
    const length = shape === 'usual' ? sessionMs(random) : DAY_MS
    const begin = random.next() * (DAY_MS - length)
    const each = linesOf(source, request)
    for (let line = 0; line < each; line++) {
      const place = shape === 'usual' ? 0.5 : random.next()
      turns.push(Math.floor(begin + ((line + place) / each) * length) * SOURCES_BOUND + source)
    }
  }
  return Float64Array.from(turns).sort()
}

/** Log-uniform: as many sources scan for seconds as for minutes or for hours. */
function sessionMs(random: Random): number {
  return SHORTEST_SESSION_MS * (DAY_MS / SHORTEST_SESSION_MS) ** random.next()
}

function write(path: string, turns: Float64Array, shape: Shape, keep: number): void {
  const scanners: Scanner[] = []
  const file = openSync(path, 'w')
  for (let from = 0; from < turns.length; from += BATCH) {
    const text: string[] = []
    for (const turn of turns.subarray(from, from + BATCH)) {
      const source = turn % SOURCES_BOUND
      if (source >= keep) continue
      scanners[source] ??= new Scanner(source, isNoise(source, shape))
      text.push(scanners[source].nextLine(START + Math.floor(turn / SOURCES_BOUND)), '\n')
    }
    writeSync(file, text.join(''))
  }
  closeSync(file)
}

type Way = 'vertical' | 'horizontal' | 'noise' | 'udp' | 'ping' | 'six'

/** Half of all scan one host, a quarter one port; the rest is UDP, pings, IPv6 and noise. */
const WAYS: readonly Way[] = [
  ...new Array<Way>(10).fill('vertical'),
  ...new Array<Way>(5).fill('horizontal'),
  'udp',
  'udp',
  'ping',
  'six',
  'noise',
]

/** Each draws from its own numbers, so that leaving one out changes no other. */
class Scanner {
  readonly #random: Random
  readonly #way: Way
  readonly #src: string
  readonly #host: number
  readonly #spt: number
  readonly #port: number
  #sent = 0

  constructor(index: number, isNoise: boolean) {
    const random = new Random(index + 1)
    this.#random = random
    this.#way = isNoise ? 'noise' : (WAYS[Math.floor(index / 10) % WAYS.length] as Way)
    const low = `${(index >> 8) & 255}.${index & 255}`
    this.#src =
      this.#way === 'six' ? `2001:db8:${index.toString(16)}::9` : `${random.between(11, 99)}.77.${low}`
    this.#host = random.between(1, HOSTS)
    this.#spt = random.between(33000, 60000)
    this.#port = random.pick([22, 23, 445, 3389, 8080])
  }

  nextLine(time: number): string {
    this.#sent++
    return logLine({ time, src: this.#src, dst: this.#target(), ...this.#packet(this.#random) })
  }

  #target(): string {
    const host = this.#way === 'horizontal' || this.#way === 'ping' ? 1 + (this.#sent % HOSTS) : this.#host
    return this.#way === 'six' ? `2001:db8:ffff::${host.toString(16)}` : `10.1.1.${host}`
  }

  #packet(random: Random): Omit<Probe, 'time' | 'src' | 'dst'> {
    switch (this.#way) {
      case 'horizontal':
        return masscan(random, this.#port)
      case 'udp':
        return nmapUdp(random, this.#spt, random.between(1, 2000))
      case 'ping':
        return { proto: 'ICMP', type: 8, echo: { id: this.#spt, seq: this.#sent }, len: 84, id: this.#sent }
      case 'noise':
        return linuxSyn(random, random.pick(FREQUENT))
      default:
        return nmapTcp(random, this.#spt, random.between(1, 10000))
    }
  }
}
