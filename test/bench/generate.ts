/**
 * The file that `bench:analyze` reads: a million lines of ten thousand sources, the same bytes on every machine.
 *
 * Every source writes as many lines as every other, spread over the whole file, so memory must hold all sources at once. A part with
 * whole sources is written beside it for programs too slow for all of it: the first lines would hold every source and two lines of each.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logLine, type Probe } from '../generate/log-line.ts'
import { Random } from '../generate/random.ts'
import { linuxSyn, masscan, nmapTcp, nmapUdp } from '../scenarios/packets.ts'
import { FREQUENT } from '../scenarios/ports.ts'

export interface Sample {
  readonly path: string
  readonly lines: number
  readonly sources: number
}

/** To be raised when the same seed gives other bytes. */
const VERSION = 1
const HOSTS = 50
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 22)

/** Makes the file unless it stands in the temporary folder already; `keep` keeps the lines of the first sources only. */
export function sampleFile(lines: number, sources: number, keep: number = sources): Sample {
  const folder = join(tmpdir(), 'picket-bench')
  const path = join(folder, `v${VERSION}-${lines}-${sources}-${keep}.log`)
  const kept = Math.floor(lines / sources) * keep
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    write(`${path}.part`, lines, sources, keep)
    renameSync(`${path}.part`, path)
  }
  return { path, lines: kept, sources: keep }
}

function write(path: string, lines: number, sources: number, keep: number): void {
  const random = new Random(1)
  const scanners = Array.from({ length: sources }, (_, index) => new Scanner(index))
  const rounds = Math.floor(lines / sources)
  const file = openSync(path, 'w')
  const order = scanners.map((_, index) => index)
  for (let round = 0; round < rounds; round++) {
    const start = START + (round / rounds) * DAY_MS
    const text: string[] = []
    random.shuffle(order).forEach((index, place) => {
      if (index >= keep) return
      const time = Math.round(start + (place / lines) * DAY_MS)
      text.push((scanners[index] as Scanner).nextLine(time), '\n')
    })
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

  constructor(index: number) {
    const random = new Random(index + 1)
    this.#random = random
    this.#way = WAYS[index % WAYS.length] as Way
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
