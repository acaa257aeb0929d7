import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../../src/dev/free-port.ts'
import { freshFolder, GuardProcess, plainSettings } from './processes.ts'

const TRACES = new URL('../../../../../test/traces/', import.meta.url)
const linesOf = (name: string): string[] =>
  readFileSync(new URL(name, TRACES), 'latin1').split('\n').slice(0, -1)
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** A file system of its own, small enough to be filled; undefined where that needs a right that we lack. */
function smallDisk(at: string): boolean {
  mkdirSync(at)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('with a full disk it goes on from memory and says so; with room again all is saved', async (t) => {
  const folder = freshFolder()
  const disk = join(folder, 'disk')
  if (!smallDisk(disk)) {
    t.skip('NEEDS ROOT: no small file system can be mounted here')
    return
  }
  const log = join(folder, 'kern.log')
  writeFileSync(log, '')
  const metrics = { host: '127.0.0.1', port: await freePort() }
  const settings = plainSettings(folder, { state: join(disk, 'state'), metrics })
  const health = async (): Promise<number> => (await fetch(`http://127.0.0.1:${metrics.port}/healthz`)).status
  try {
    const guard = await new GuardProcess(settings).started()
    const first = linesOf('nmap-xmas.log')
    const second = linesOf('nmap-horizontal-23.log')
    appendFileSync(log, textOf(first.slice(0, 50)), 'latin1')
    await guard.statusAt(50)
    fill(join(disk, 'ballast'))
    appendFileSync(log, textOf([...first.slice(50), ...second]), 'latin1')
    const status = await guard.statusAt(first.length + second.length)
    assert.equal(status.incidents.length, 2, 'guarding goes on')
    assert.match(guard.log, /the state folder cannot be written to/)
    assert.equal(await health(), 503)
    rmSync(join(disk, 'ballast'))
    await guard.until(() => guard.log.includes('can be written to again'), 'the state to be saved')
    assert.equal(await health(), 200)
    await guard.stop('SIGKILL')
    const next = await new GuardProcess(settings).started()
    assert.deepEqual((await next.status()).incidents, status.incidents)
    assert.deepEqual(next.alerts, [], 'nothing is told twice')
    await next.stop()
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

test('a kill while the disk is full falls back to what was saved, and the file is read again from there', async (t) => {
  const folder = freshFolder()
  const disk = join(folder, 'disk')
  if (!smallDisk(disk)) {
    t.skip('NEEDS ROOT: no small file system can be mounted here')
    return
  }
  const log = join(folder, 'kern.log')
  const lines = linesOf('nmap-xmas.log')
  writeFileSync(log, '')
  const settings = plainSettings(folder, { state: join(disk, 'state') })
  try {
    const guard = await new GuardProcess(settings).started()
    appendFileSync(log, textOf(lines.slice(0, 50)), 'latin1')
    await guard.statusAt(50)
    fill(join(disk, 'ballast'))
    appendFileSync(log, textOf(lines.slice(50)), 'latin1')
    const before = await guard.statusAt(lines.length)
    await guard.stop('SIGKILL')
    rmSync(join(disk, 'ballast'))
    const next = await new GuardProcess(settings).started()
    const after = await next.statusAt(lines.length)
    assert.deepEqual(after.incidents, before.incidents)
    assert.equal(after.lines, lines.length)
    await next.stop()
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, 'x'.repeat(bytes))
    } catch {
      // Full for pieces of this size.
    }
  }
}
