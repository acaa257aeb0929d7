/**
 * `npm run bench:analyze [-- --lines N]`: `picket analyze` against psad and against merely finding the line ends, in one run.
 *
 * Everything is a ratio of CPU seconds in the same run on the same machine, for two shapes of file. psad reads a part with whole sources; its start-up
 * is taken off by a second, smaller run, while ours is left in.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PICKET_MAIN } from '../places.ts'
import { type Sample, type Shape, sampleFile } from './generate.ts'
import { type Measured, measure, measureNode, report } from './measure.ts'

/** Lines for each source of the file. */
const LINES_PER_SOURCE = 100
/** Sources in the parts that psad reads: 20,000 lines, and 2,000 for its start-up. */
const PSAD_SOURCES = [200, 20] as const

/** With one thread it is one: V8's helpers for compiling and collecting are off, and their work is done by the thread itself. */
function picketOn(sample: Sample, threads: number): Measured {
  const flags = threads === 1 ? ['--single-threaded'] : []
  return measureNode(PICKET_MAIN, ['analyze', '--json', '--threads', String(threads), sample.path], flags)
}

/** psad asks nobody and reads no firewall; in a namespace of its own it could not if it wanted to. */
function psadOn(sample: Sample): Measured {
  const alone = process.getuid?.() === 0 ? ['unshare', '-n'] : []
  const quiet = ['--no-whois', '--no-rdns', '--no-netstat', '--no-fwcheck']
  return measure([...alone, 'psad', '-A', ...quiet, '-m', sample.path])
}

interface PsadRates {
  /** Of a part as it is: psad's start-up is in it. */
  readonly asItIs: number
  /** Of what it adds to read more. */
  readonly withoutStart: number
}

function psadRates(lines: number, sources: number, shape: Shape): PsadRates {
  const [large, small] = PSAD_SOURCES.map((keep) => sampleFile({ lines, sources, shape, keep })) as [
    Sample,
    Sample,
  ]
  const [most, least] = [psadOn(large).cpuSeconds, psadOn(small).cpuSeconds]
  return { asItIs: large.lines / most, withoutStart: (large.lines - small.lines) / (most - least) }
}

function compareWithPsad(lines: number, sources: number, shape: Shape, perSecond: number): void {
  const name = `analyze-${shape}-psad`
  if (spawnSync('psad', ['-V'], { stdio: 'ignore' }).error !== undefined) {
    report(name, { skipped: 'psad is not installed' })
    return
  }
  const psad = psadRates(lines, sources, shape)
  report(name, {
    ratio: perSecond / psad.withoutStart,
    meaning: 'lines per CPU second of analyze over those of psad -A, start-up of psad left out, ours left in',
    ratioWithBothStarts: perSecond / psad.asItIs,
    psadLinesPerCpuSecond: Math.round(psad.withoutStart),
    psadWithItsStart: Math.round(psad.asItIs),
  })
}

function benchShape(lines: number, sources: number, shape: Shape): Measured & { readonly path: string } {
  const sample = sampleFile({ lines, sources, shape })
  const one = picketOn(sample, 1)
  const perSecond = sample.lines / one.cpuSeconds
  report(`analyze-${shape}`, {
    lines: sample.lines,
    sources,
    ...one,
    linesPerCpuSecond: Math.round(perSecond),
  })
  compareWithPsad(lines, sources, shape, perSecond)
  return { ...one, path: sample.path }
}

function main(): void {
  const { values } = parseArgs({ options: { lines: { type: 'string' } } })
  const lines = Number(values.lines ?? 1_000_000)
  const sources = lines / LINES_PER_SOURCE
  const one = benchShape(lines, sources, 'usual')

  const lineEnds = fileURLToPath(new URL('./line-ends.js', import.meta.url))
  const floor = measureNode(lineEnds, [one.path], ['--single-threaded'])
  report('analyze-line-ends', {
    ratio: one.cpuSeconds / floor.cpuSeconds,
    meaning: 'CPU of analyze over CPU of merely finding the line ends',
    lineEndsCpuSeconds: floor.cpuSeconds,
  })

  const two = picketOn({ path: one.path, lines, sources }, 2)
  report('analyze-two-threads', {
    ratio: one.wallSeconds / two.wallSeconds,
    meaning: 'wall time of one thread over wall time of two',
    ...two,
  })

  benchShape(lines, sources, 'worst')
}

main()
