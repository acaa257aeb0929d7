/** F2, F3: killed between any two steps, and at random moments, with rotations meanwhile. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { mix, stir } from '@picket/schemas'
import { eventually } from '../sources/reading.ts'
import { PARTITIONS, trace } from './collecting.ts'
import { sentTo } from './file-queue.ts'
import { packetsInLines, packetsSent, total } from './packets-of.ts'

const PROGRAM = fileURLToPath(new URL('./collector-process.js', import.meta.url))
const STEPS = ['read', 'appended', 'fsynced', 'sending', 'sent', 'acknowledged', 'marked', 'trimmed'] as const
const RECORDED = [...trace('nmap-syn-1000.log'), ...trace('benign-late-web.log'), ...trace('nmap-xmas.log')]

/** Recorded lines without end, each packet another one; every third is told by two rules, whose lines a kill may part. */
function* lines(): Generator<string> {
  for (let n = 0; ; n++) {
    const line = (RECORDED[n % RECORDED.length] ?? '').replace(/ ID=\d+/, ` ID=${(n % 65_535) + 1}`)
    yield line
    if (n % 3 === 0) yield line.replace(/\[[^\]]*\] IN=/, '[UFW AUDIT] IN=')
  }
}

class Life {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'picket-kill-'))
  readonly log: string = join(this.folder, 'kern.log')
  written = ''
  #child: ChildProcess | undefined
  readonly #lines = lines()
  #rotations = 0

  constructor() {
    writeFileSync(this.log, '')
    writeFileSync(join(this.folder, 'topic'), '')
  }

  write(count: number): void {
    const text = Array.from({ length: count }, () => `${this.#lines.next().value}\n`).join('')
    this.written += text
    appendFileSync(this.log, text, 'latin1')
  }

  rotate(): void {
    for (let n = this.#rotations; n > 0; n--) renameSync(`${this.log}.${n}`, `${this.log}.${n + 1}`)
    renameSync(this.log, `${this.log}.1`)
    writeFileSync(this.log, '')
    this.#rotations++
  }

  run(failpoint?: string): {
    kill: (signal: NodeJS.Signals) => void
    ended: Promise<string>
    said: () => string
  } {
    const env = { ...process.env, ...(failpoint === undefined ? {} : { PICKET_FAILPOINT: failpoint }) }
    const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, this.folder], {
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#child = child
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const ended = new Promise<string>((resolve) =>
      child.once('close', (code, signal) => resolve(signal ?? String(code))),
    )
    return { kill: (signal) => child.kill(signal), ended, said: () => said }
  }

  /** Whatever the test came to. */
  end(): void {
    this.#child?.kill('SIGKILL')
  }

  get sent(): ReturnType<typeof packetsSent> {
    return packetsSent(sentTo(join(this.folder, 'topic')), PARTITIONS)
  }

  /** The last life: undisturbed, to the end. */
  async finish(): Promise<void> {
    const { kill, ended, said } = this.run()
    const expected = packetsInLines(this.written)
    const wanted = total(expected)
    // All may have been sent before; it takes signals only when it says that it has started.
    await eventually(
      () => total(this.sent) >= wanted && said().includes('started'),
      () => `${wanted} packets, but there are ${total(this.sent)}\n${said()}`,
      20_000,
    )
    kill('SIGTERM')
    assert.equal(await ended, '0')
    assert.deepEqual(this.sent, expected)
  }
}

/** A process takes its time to start on a busy machine. */
const STEP_MS = 120_000

/** Writes as a log grows, until the promise is settled; with a rotation now and then. */
async function writeUntil(life: Life, ended: Promise<string>, rotateEvery: number): Promise<string> {
  let result: string | undefined
  void ended.then((signal) => {
    result = signal
  })
  const deadline = performance.now() + STEP_MS
  for (let n = 1; result === undefined; n++) {
    life.write(7)
    if (n % rotateEvery === 0) life.rotate()
    await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(performance.now() < deadline, 'it never came to that step')
  }
  return result
}

/** Once it has run: what was rotated away before it ever looked is none of its business. */
async function begun(t: { after(end: () => void): void }): Promise<Life> {
  const life = new Life()
  t.after(() => life.end())
  const { kill, ended, said } = life.run()
  await eventually(() => said().includes('started'))
  kill('SIGTERM')
  assert.equal(await ended, '0')
  return life
}

for (const step of STEPS) {
  test(`killed at the step "${step}", early and later, it loses no packet and sends none as two`, async (t) => {
    const life = await begun(t)
    for (const pass of [1, 2, 9]) {
      const { ended, said } = life.run(`collector.${step}:${pass}`)
      assert.equal(await writeUntil(life, ended, 40), 'SIGKILL', said())
    }
    await life.finish()
  })
}

/** `PICKET_CHAOS=all` is the long form, `PICKET_SEED=N` another run. */
const KILLS = process.env['PICKET_CHAOS'] === 'all' ? 50 : 12
const SEED = Number(process.env['PICKET_SEED'] ?? 3)

test(`killed at ${KILLS} random moments it loses no packet and sends none as two`, async (t) => {
  const life = await begun(t)
  const lives: number[] = []
  for (let n = 0; n < KILLS; n++) {
    const { kill, ended } = life.run()
    const ms = 250 + ((mix(stir(SEED, n)) >>> 0) % 300)
    lives.push(ms)
    setTimeout(() => kill('SIGKILL'), ms)
    await writeUntil(life, ended, 25)
  }
  t.diagnostic(`lived ${lives.join(', ')} ms`)
  await life.finish()
})
