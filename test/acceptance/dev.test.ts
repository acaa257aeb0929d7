/**
 * `picket dev`, as a newcomer runs it: everything from local programs, by one command, and nothing left behind.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { picket } from '../picket.ts'
import { PICKET_MAIN, TRACES } from '../places.ts'
import { JARS, kafkaClassPath } from '../services/kafka-jars.ts'
import { needTool } from '../services/missing-tool.ts'
import { waitUntil } from '../services/wait-until.ts'

/** The jars that all tests share, where the command looks for them. */
const folder = mkdtempSync(join(tmpdir(), 'picket-test-dev-'))
symlinkSync(dirname(JARS), join(folder, 'picket'))
const running: ChildProcess[] = []

after(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Status {
  readonly incidents: readonly { readonly source: string; readonly level: number }[]
  readonly fleet: { readonly hosts: readonly { readonly reporter: string; readonly state: string }[] }
}

class Dev {
  readonly #child: ChildProcess
  out = ''
  err = ''

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [PICKET_MAIN, 'dev', ...args], {
      env: { ...process.env, XDG_CACHE_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(this.#child)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
    })
  }

  static async start(args: readonly string[] = []): Promise<Dev> {
    needTool('java')
    needTool('redis-server')
    await kafkaClassPath()
    return new Dev(args)
  }

  async until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await waitUntil(
      isTrue,
      () => `${what}; it said:\n${this.out}\n${this.err}`,
      // two cores may be busy with other tests
      120_000,
    )
  }

  get config(): string {
    return /--config (\S+)/.exec(this.err)?.[1] ?? ''
  }

  async statusWhen(isWanted: (status: Status) => boolean, what: string): Promise<Status> {
    await this.until(() => this.config !== '', 'the path of the configuration')
    let status: Status | undefined
    await this.until(async () => {
      const { status: code, stdout } = await picket(['status', '--json', '--config', this.config])
      status = code === 0 ? (JSON.parse(stdout) as Status) : undefined
      return status !== undefined && isWanted(status)
    }, what)
    return status as Status
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
    return this.#child.exitCode
  }
}

/** Everything that it starts is told a path in its folder, or works there. */
function processesOf(place: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(
      (pid) =>
        `${read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))} in ${read(() => readlinkSync(`/proc/${pid}/cwd`))}`,
    )
    .filter((told) => told.includes(place))
}

/** A process may end while it is looked at. */
function read(look: () => string): string {
  try {
    return look().replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

test('one command runs a fleet that finds the scanner of a recorded log, and SIGTERM leaves nothing behind', async () => {
  const dev = await Dev.start()
  const status = await dev.statusWhen(
    ({ incidents }) => incidents.some(({ source, level }) => source === '203.0.113.10' && level >= 3),
    'the scanner in picket status',
  )
  assert.deepEqual(
    status.fleet.hosts.map(({ reporter, state }) => [reporter, state]),
    [['host1', 'running']],
  )
  await dev.until(() => /level [345] 203\.0\.113\.10 vertical_scan/.test(dev.out), 'a line for the alert')

  const place = dirname(dev.config)
  assert.equal(processesOf(place).length, 6, processesOf(place).join('\n'))
  await triesABan(dev)
  assert.equal(await dev.end('SIGTERM'), 0)
  assert.deepEqual(processesOf(place), [])
  assert.equal(existsSync(place), false)
})

/** As it is told at the start. */
async function triesABan(dev: Dev): Promise<void> {
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await picket([...args, '--config', dev.config])
    assert.equal(status, 0, stderr)
    return stdout
  }
  for (const told of ['bans enable', 'ban 203.0.113.10 --for 10m', 'bans'])
    assert.ok(dev.err.includes(` ${told} --config ${dev.config}`), told)
  await ask('bans', 'enable', '--yes')
  assert.match(await ask('ban', '203.0.113.10', '--for', '10m'), /^banned 203\.0\.113\.10 until/)
  await dev.until(
    async () => /203\.0\.113\.10.*refused by host1: dry-run/s.test(await ask('bans')),
    'the dry run to have answered',
  )
  assert.match(readFileSync(join(dirname(dev.config), 'enforcer.log'), 'utf8'), /DRY RUN/)
}

test('a fleet that was killed leaves no process, and goes on from its folder', async () => {
  const state = join(folder, 'state')
  const args = ['--state', state, '--log', join(TRACES, 'nmap-fin.log')]
  const first = await Dev.start(args)
  const known = await first.statusWhen(({ incidents }) => incidents.length > 0, 'the scan in the file')

  const refused = await picket(['dev', '--state', state])
  assert.equal(refused.status, 2)
  assert.match(refused.stderr, /is in use by process/)

  await first.end('SIGKILL')
  await waitUntil(
    () => processesOf(state).length === 0,
    () => processesOf(state).join('\n'),
  )

  const again = await Dev.start(args)
  const found = await again.statusWhen(({ incidents }) => incidents.length > 0, 'what it knew')
  assert.equal(found.incidents[0]?.source, known.incidents[0]?.source)
  assert.equal(await again.end('SIGINT'), 0)
  assert.deepEqual(processesOf(state), [])
  assert.equal(existsSync(join(state, 'picket.yaml')), true)
})

test('what is missing is named with the command that installs it', async () => {
  const empty = join(folder, 'nothing')
  mkdirSync(empty, { recursive: true })
  const child = spawn(process.execPath, [PICKET_MAIN, 'dev'], {
    env: { PATH: empty, HOME: empty },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [status] = (await once(child, 'close')) as [number]
  assert.equal(status, 2)
  assert.match(said, /redis-server, java, setpriv, mvn are not installed/)
  assert.match(
    said,
    /sudo apt-get install --no-install-recommends redis-server default-jre-headless util-linux maven/,
  )
  assert.deepEqual(readdirSync(empty), [])
})
