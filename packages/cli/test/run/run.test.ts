import assert from 'node:assert/strict'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { CollectorEvents } from '@picket/collector/main'
import { compileRules, PICKET_POLICY, PicketMethod } from '@picket/detector'
import { Metrics, makeLogger, StateFolder } from '@picket/runtime'
import type { Alert, Incident } from '@picket/schemas'
import { loadConfig } from '../../src/config/load.ts'
import { runSettings } from '../../src/config/run-settings.ts'
import { freePort } from '../../src/dev/free-port.ts'
import { Intake } from '../../src/run/intake.ts'
import { type RunState, STATE_VERSION } from '../../src/run/recover.ts'
import { Run } from '../../src/run/run.ts'
import type { HostResponseSettings, RunSettings } from '../../src/run/settings.ts'
import { SCAN } from '../report-fixture.ts'
import { freshFolder, plainSettings } from './processes.ts'

const quiet = { write: () => undefined }
const log = makeLogger({ level: 'error', format: 'json' }, quiet)

function settingsIn(folder: string, more: Partial<RunSettings> = {}): RunSettings {
  writeFileSync(join(folder, 'kern.log'), '', { flag: 'a' })
  const { rules } = compileRules({})
  return { ...plainSettings(folder), policy: new PicketMethod(PICKET_POLICY), rules, ...more }
}

/** A reader that takes all, or one that stands still. */
class Reader extends Writable {
  text = ''
  readonly #stands: boolean

  constructor({ stands }: { stands: boolean }) {
    super()
    this.#stands = stands
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    if (this.#stands) return
    this.text += String(chunk)
    done()
  }
}

function runOf(settings: RunSettings, stdout = new Reader({ stands: false })): Run {
  return new Run(settings, { stdout, stderr: quiet, onReaderGone: () => undefined })
}

/** What the next run tells at once. */
async function toldBy(settings: RunSettings): Promise<string> {
  const reader = new Reader({ stands: false })
  const run = runOf(settings, reader)
  await run.start()
  await run.stop()
  return reader.text
}

const ALERT: Alert = {
  ...{ id: 'a'.repeat(16), revision: 1, rose: ['level'], time: Date.parse(SCAN.lastSeen) },
  incident: { ...SCAN } as unknown as Incident,
}

/** A state folder as a run leaves it that was killed before it told ALERT. */
async function leaveUntold(settings: RunSettings): Promise<void> {
  const { counts } = new CollectorEvents(log, new Metrics(), ['kern'])
  const intake = new Intake(settings, counts, () => undefined).capture()
  const folder = StateFolder.open(settings.state)
  folder.recover()
  await folder.checkpoint({ version: STATE_VERSION, intake, untold: [ALERT] } satisfies RunState)
  folder.close()
}

/** Of a response that does not begin. */
async function brokenResponse(folder: string): Promise<HostResponseSettings> {
  const { response } = runSettings(await loadConfig(await configIn(folder)))
  assert.ok(response !== undefined)
  return { ...response, isAsked: true, channels: { none: null as never } }
}

async function configIn(folder: string): Promise<string> {
  const file = join(folder, 'picket.yaml')
  writeFileSync(file, JSON.stringify({ enforcer: { firewall: 'dry-run' } }))
  return file
}

test('an alert that was not told outlives a kill of the next run as well', async () => {
  const folder = freshFolder()
  const settings = settingsIn(folder)
  await leaveUntold(settings)
  const run = runOf(settings, new Reader({ stands: true }))
  await run.start()
  const state = join(folder, 'as the kill leaves it')
  cpSync(settings.state, state, { recursive: true, filter: (path) => !/lock$|sock$/.test(path) })
  await run.stop()
  assert.match(await toldBy({ ...settings, state }), new RegExp(ALERT.id))
  rmSync(folder, { recursive: true })
})

test('an alert that was not told outlives a start that fails', async () => {
  const folder = freshFolder()
  const settings = settingsIn(folder)
  await leaveUntold(settings)
  await assert.rejects(runOf({ ...settings, response: await brokenResponse(folder) }).start(), TypeError)
  assert.match(await toldBy(settings), new RegExp(ALERT.id))
  assert.equal(await toldBy(settings), '', 'and is then told once')
  rmSync(folder, { recursive: true })
})

test('a configuration whose response does not begin leaves no metrics server behind', async () => {
  const folder = freshFolder()
  const settings = settingsIn(folder)
  const run = runOf(settings)
  await run.start()
  const other = { ...settings, metrics: { host: '127.0.0.1', port: await freePort() } }
  try {
    await assert.rejects(run.reload({ ...other, response: await brokenResponse(folder) }), TypeError)
    await run.reload(other)
    const { status } = await fetch(`http://127.0.0.1:${other.metrics.port}/readyz`)
    assert.equal(status, 200)
  } finally {
    await run.stop()
  }
  rmSync(folder, { recursive: true })
})
