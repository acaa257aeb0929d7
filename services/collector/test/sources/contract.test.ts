/**
 * What every source promises, over every adapter of the port: one suite, run with a real file, process,
 * pipe or socket behind each.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, constants, openSync, writeFileSync, writeSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { JournalSource } from '../../src/adapters/journal.ts'
import { KmsgSource } from '../../src/adapters/kmsg.ts'
import { LineSocketSource } from '../../src/adapters/line-socket.ts'
import type { LogSource } from '../../src/adapters/log-source.ts'
import { StdinSource } from '../../src/adapters/stdin.ts'
import { TailSource } from '../../src/adapters/tail.ts'
import { freshFolder, quietEvents, Reading } from './reading.ts'

/** Something that is written to, and the sources that read it. */
interface Bench {
  /** A source over it; called again for the next life. */
  source(): LogSource
  /** Writes a text that the source delivers within one line. */
  write(text: string): Promise<void> | void
  /** Does it hold what is written while nobody reads? */
  readonly isRereadable: boolean
}

const STAND_IN = fileURLToPath(new URL('./journalctl-stand-in.js', import.meta.url))

function fileBench(): Bench {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, 'before\n')
  return {
    source: () => new TailSource({ name: 'it', path, from: 'end' }, quietEvents()),
    write: (text) => appendFileSync(path, `${text}\n`),
    isRereadable: true,
  }
}

function journalBench(): Bench {
  const path = join(freshFolder(), 'journal')
  writeFileSync(path, 'before\n')
  const command = [process.execPath, STAND_IN, path]
  return {
    source: () => new JournalSource({ name: 'it', command }, quietEvents()),
    write: (text) => appendFileSync(path, `${text}\n`),
    isRereadable: true,
  }
}

function kmsgBench(): Bench {
  const path = join(freshFolder(), 'kmsg')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR)
  let sequence = 100
  return {
    source: () => new KmsgSource({ name: 'it', path }, quietEvents()),
    write: (text) => void writeSync(fd, `4,${sequence++},5000,-;${text}\n`),
    isRereadable: false,
  }
}

function socketBench(): Bench {
  const path = join(freshFolder(), 'sock')
  let writer: Socket | undefined
  return {
    source: () => {
      writer = undefined
      return new LineSocketSource({ name: 'it', path }, quietEvents())
    },
    write: async (text) => {
      if (writer === undefined) {
        writer = createConnection(path)
        await once(writer, 'connect')
      }
      writer.write(`${text}\n`)
    },
    isRereadable: false,
  }
}

function stdinBench(): Bench {
  let stream = new PassThrough()
  return {
    source: () => {
      stream = new PassThrough()
      return new StdinSource('it', stream, quietEvents())
    },
    write: (text) => void stream.write(`${text}\n`),
    isRereadable: false,
  }
}

const BENCHES = {
  file: fileBench,
  journal: journalBench,
  kmsg: kmsgBench,
  socket: socketBench,
  stdin: stdinBench,
}

for (const [name, bench] of Object.entries(BENCHES)) {
  test(`${name}: lines come once, whole and in order, and none from before the first start`, async () => {
    const { source, write } = bench()
    const reading = new Reading(source())
    await reading.start()
    assert.ok(reading.position !== undefined, 'it says where it begins before the first line')
    for (let n = 0; n < 20; n++) {
      await write(`line ${n}`)
      await reading.until(n + 1)
    }
    await reading.source.stop()
    assert.equal(reading.lines.length, 20)
    for (const [n, { line }] of reading.lines.entries()) assert.ok(line.includes(`line ${n}`), line)
  })

  test(`${name}: a packet's identity goes on over a restart: same input, rising offsets, nothing twice`, async () => {
    const { source, write, isRereadable } = bench()
    const first = new Reading(source())
    await first.start()
    await write('one')
    await first.until(1)
    await first.source.stop()
    if (isRereadable) await write('two')
    const second = new Reading(source())
    await second.start(first.position)
    if (!isRereadable) await write('two')
    await second.until(1)
    await second.source.stop()
    const [one] = first.lines
    const [two] = second.lines
    assert.ok(two?.line.includes('two'))
    assert.equal(two?.input, one?.input)
    assert.equal(two?.offset, (one?.offset ?? 0) + (one?.line.length ?? 0) + 1)
  })

  test(`${name}: after stop nothing is delivered`, async () => {
    const { source, write } = bench()
    const reading = new Reading(source())
    await reading.start()
    await write('one')
    await reading.until(1)
    await reading.source.stop()
    if (name !== 'socket') await write('two')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(reading.lines.length, 1)
  })
}

for (const [name, bench] of Object.entries(BENCHES)) {
  test(`${name}: a source that is held delivers nothing, and all of it when let go`, async () => {
    const { source, write } = bench()
    const reading = new Reading(source())
    await reading.start()
    await write('one')
    await reading.until(1)
    reading.source.hold(true)
    await write('two')
    // Longer than any of them waits for a change.
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(reading.lines.length, 1)
    reading.source.hold(false)
    await reading.until(2)
    await reading.source.stop()
    assert.ok(reading.lines[1]?.line.includes('two'))
  })
}
