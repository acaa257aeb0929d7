/**
 * `picket demo`: a recorded scan through the whole pipeline, as it would run on a host.
 *
 * Nothing is shortened: a log file grows, the guard follows it, judges, keeps its state in a folder and
 * answers over its control socket. Only the folder is a temporary one, which is removed at the end.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Timeline } from '../analyze/timeline.ts'
import type { DemoFlags } from '../commands/demo.ts'
import { isoTime, type ReportDocument } from '../report/document.ts'
import { pageFor } from '../report/page.ts'
import { renderReport } from '../report/report.ts'
import { askStatus } from '../run/ask-status.ts'
import { Run } from '../run/run.ts'
import type { StatusDocument } from '../run/status.ts'
import { plural } from '../terminal/words.ts'
import { zoneNamed } from '../zone.ts'
import { LiveView } from './live-view.ts'
import { renderNextSteps } from './next-steps.ts'
import { type RecordedLine, recordedLines } from './recording.ts'
import { replay } from './replay.ts'
import { demoSettings } from './settings.ts'

const LOOK_MS = 80
/** The guard has this long for the last lines. */
const PATIENCE_MS = 3_000

export async function runDemo(flags: DemoFlags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-demo-'))
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    await play(folder, flags, stop.signal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function play(folder: string, flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const isLive = process.stdout.isTTY === true
  const settings = demoSettings(folder, !isLive)
  const page = pageFor(flags, zoneNamed('UTC'))
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const lines = recordedLines(Math.floor(Date.now() / 1000) * 1000)
  process.stdout.write(introduction(lines.length))
  const run = new Run(settings, {
    stdout: process.stdout,
    stderr: process.stderr,
    onReaderGone: () => undefined,
  })
  await run.start()
  try {
    const view = new LiveView(page, (text) => process.stdout.write(text))
    const played = replay(log, lines, signal)
    const status = await watch(join(folder, 'control.sock'), lines.length, played, signal, (seen) => {
      if (isLive) view.draw(seen)
    })
    view.clear()
    process.stdout.write(`\n${renderReport(reportOf(status, lines), page)}\n${renderNextSteps()}\n`)
  } finally {
    await run.stop()
  }
}

function introduction(lines: number): string {
  return [
    `Replaying ${plural(lines, 'log line')} of real nmap runs and of harmless traffic through the whole pipeline:`,
    'a log file grows → picket follows it, parses, judges, tells and keeps its state.',
    '',
  ].join('\n')
}

/** Looks at the guard until it has read everything; returns what it then says. */
async function watch(
  socket: string,
  lines: number,
  played: Promise<number>,
  signal: AbortSignal,
  onLook: (status: StatusDocument) => void,
): Promise<StatusDocument> {
  let endBy = Number.POSITIVE_INFINITY
  void played.then((at) => {
    endBy = at + PATIENCE_MS
  })
  for (;;) {
    const status = await askStatus(socket)
    onLook(status)
    if (status.lines >= lines || signal.aborted || performance.now() > endBy) return status
    await delay(LOOK_MS)
  }
}

/** The guard's own answer, with the name of what was replayed and its packets over time. */
function reportOf(status: StatusDocument, lines: readonly RecordedLine[]): ReportDocument {
  const timeline = new Timeline()
  for (const { time } of lines) timeline.add(time, 1)
  const counts = timeline.counts()
  const { run: _, ...report } = status
  return {
    ...report,
    files: [{ name: 'a recorded scan', lines: status.lines, packets: status.packets }],
    timeline: counts === undefined ? null : { ...counts, from: isoTime(counts.from) },
  }
}
