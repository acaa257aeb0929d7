import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { StatusDocument } from '../../src/run/status.ts'
import { freshFolder, GuardProcess, plainSettings, type ToldAlert } from './processes.ts'

const TRACES = new URL('../../../../../test/traces/', import.meta.url)
const KILLS = 24
/** Of which `rotate` keeps 40 files: on a busy machine a life is too short to read one. */
const MOST_ROTATIONS = 36

/** Recorded lines of several scans and of traffic that is none, in the order in which they were logged. */
function recordedLines(): string[] {
  const names = [
    'nmap-syn-1000.log',
    'nmap-xmas.log',
    'nmap-horizontal-23.log',
    'distributed-40.log',
    'benign-p2p.log',
    'benign-late-web.log',
  ]
  return names.flatMap((name) => readFileSync(new URL(name, TRACES), 'latin1').split('\n').slice(0, -1))
}

interface Outcome {
  readonly incidents: unknown
  readonly alertIds: string[]
  readonly lines: number
}

function outcomeOf(status: StatusDocument, alerts: readonly ToldAlert[]): Outcome {
  const incidents = status.incidents.map(
    ({ id, level, packets, contacts, hostCount, portCount, firstSeen, lastSeen }) => {
      return { id, level, packets, contacts, hostCount, portCount, firstSeen, lastSeen }
    },
  )
  return { incidents, alertIds: [...new Set(alerts.map(({ alert }) => alert))].sort(), lines: status.lines }
}

/** A seeded generator (mulberry32): a failing run can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One life from the first line to the last, with rotations behind the same lines. */
async function undisturbed(lines: readonly string[], rotations: readonly number[]): Promise<Outcome> {
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const guard = await new GuardProcess(plainSettings(folder)).started()
  let written = 0
  for (const until of [...rotations, lines.length]) {
    appendFileSync(log, textOf(lines.slice(written, until)), 'latin1')
    if (until < lines.length) rotate(log)
    written = until
  }
  const status = await guard.statusAt(lines.length)
  assert.equal(await guard.stop(), 0)
  rmSync(folder, { recursive: true })
  return outcomeOf(status, guard.alerts)
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test(`after ${KILLS} kills at random moments the incidents and alerts are those of an undisturbed run`, async (t) => {
  const lines = recordedLines()
  const seed = Date.now() % 100_000
  t.diagnostic(`seed ${seed}`)
  const random = randomFrom(seed)
  const folder = freshFolder()
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const alerts: ToldAlert[] = []
  let written = 0
  const rotations: number[] = []
  const rotateNow = (): void => {
    rotations.push(written)
    rotate(log)
  }
  const write = (count: number): void => {
    const text = textOf(lines.slice(written, written + count))
    written = Math.min(lines.length, written + count)
    // Cut anywhere: the guard must meet half lines as well.
    const cut = Math.floor(random() * text.length)
    appendFileSync(log, text.slice(0, cut), 'latin1')
    appendFileSync(log, text.slice(cut), 'latin1')
  }
  for (let life = 0; life < KILLS; life++) {
    const guard = new GuardProcess(plainSettings(folder))
    // Files that were rotated before it ever looked are none of its business.
    if (life === 0) await guard.started()
    const dieAt = performance.now() + 100 + random() * 350
    while (performance.now() < dieAt) {
      write(Math.ceil(random() * (lines.length / KILLS / 4)))
      if (random() < chanceOfRotation(rotations)) rotateNow()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    if (life === Math.floor(KILLS / 2)) rotateNow()
    await guard.stop('SIGKILL')
    alerts.push(...guard.alerts)
  }
  write(lines.length)
  const last = await new GuardProcess(plainSettings(folder)).started()
  const status = await last.statusAt(lines.length)
  assert.equal(await last.stop(), 0)
  alerts.push(...last.alerts)
  const expected = await undisturbed(lines, rotations)
  assert.ok(expected.alertIds.length > 5, 'the recorded lines give alerts')
  const many = status.incidents.filter(({ source }) => source === null)
  assert.deepEqual(
    many.map(({ members }) => members.length),
    [40],
  )
  assert.deepEqual(outcomeOf(status, alerts), expected)
  t.diagnostic(
    `${rotations.length} rotations, ${alerts.length} alerts told, ${expected.alertIds.length} different`,
  )
  rmSync(folder, { recursive: true })
})

const chanceOfRotation = ({ length }: readonly number[]): number => (length < MOST_ROTATIONS ? 0.02 : 0)

function rotate(log: string): void {
  for (let n = 40; n > 0; n--) {
    try {
      renameSync(`${log}.${n}`, `${log}.${n + 1}`)
    } catch {
      // There is none of that number yet.
    }
  }
  renameSync(log, `${log}.1`)
  writeFileSync(log, '')
}
