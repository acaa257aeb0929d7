/**
 * A program of the admin's, once a notice: psad's external script. Never by a shell, with an environment of its own, and for so long only.
 *
 * Its exit status is its answer: 0 is taken, 75 (EX_TEMPFAIL) asks to be tried again, anything else is never. One that others may write is
 * not run: whoever can change it would be us.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import {
  type Channel,
  type Notice,
  type ScriptCall,
  type Sent,
  scriptCall,
  threadOf,
} from '../../tell/index.ts'
import { Deadline } from './deadline.ts'
import { Misconfigured } from './secret-file.ts'
import type { ScriptSettings } from './settings.ts'

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
} as const
const OTHERS_WRITE = 0o022
const TRY_AGAIN = 75
const MOST_SAID = 500
/** Incidents for which it ran, where it runs once. */
const MOST_RUN = 10_000

export class ScriptChannel implements Channel {
  readonly name: string
  readonly type = 'script'
  readonly #settings: ScriptSettings
  readonly #ran = new Set<string>()

  constructor(name: string, settings: ScriptSettings) {
    this.name = name
    this.#settings = settings
  }

  async send(notice: Notice, signal?: AbortSignal): Promise<Sent> {
    const { command, once, timeoutSeconds } = this.#settings
    const [file = '', ...args] = command
    const call = scriptCall(notice, args)
    if (call === undefined) return { ok: true, answer: 'it was not run: this is about no single source' }
    const thread = threadOf(notice)
    if (once && this.#ran.has(thread)) return { ok: true, answer: 'it was run for this incident before' }
    const fault = await faultOf(file)
    if (fault !== undefined) return new Misconfigured(fault).asFailure()
    const deadline = new Deadline(timeoutSeconds, signal)
    // An abort that has been is no event any more: nobody would end it
    if (deadline.signal.aborted) {
      deadline.end()
      return { ok: false, reason: 'timed-out', retryable: true, why: `${file} was not begun` }
    }
    const sent = await run(file, call, deadline).finally(() => deadline.end())
    if (sent.ok) this.#note(thread)
    return sent
  }

  #note(thread: string): void {
    this.#ran.add(thread)
    const [oldest] = this.#ran
    if (this.#ran.size > MOST_RUN && oldest !== undefined) this.#ran.delete(oldest)
  }

  async close(): Promise<void> {}
}

async function faultOf(file: string): Promise<string | undefined> {
  try {
    const { mode, uid } = await stat(file)
    const isForeign = uid !== 0 && uid !== process.getuid?.()
    if ((mode & OTHERS_WRITE) !== 0 || isForeign)
      return `${file} is not run: others than root and us may write it`
    return undefined
  } catch (error) {
    return `${file} cannot be run: ${(error as Error).message}`
  }
}

function run(file: string, { args, env, input }: ScriptCall, deadline: Deadline): Promise<Sent> {
  return new Promise((resolve) => {
    // Its own group, so that what it started ends with it
    const child = spawn(file, [...args], {
      ...{ env: { ...ENVIRONMENT, ...env }, cwd: '/', detached: true, shell: false },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let said = ''
    const kill = (): void => killGroup(child)
    deadline.signal.addEventListener('abort', kill, { once: true })
    const ended = (sent: Sent): void => {
      deadline.signal.removeEventListener('abort', kill)
      child.stderr.destroy()
      resolve(sent)
    }
    child.once('error', (error) => ended(new Misconfigured(`${file}: ${error.message}`).asFailure()))
    child.once('exit', (code) => ended(outcomeOf(file, code, said, deadline)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, MOST_SAID)
    })
    child.stdin.on('error', () => {
      // It need not read
    })
    child.stdin.end(input)
  })
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile
  }
}

function outcomeOf(file: string, code: number | null, said: string, { passed, signal }: Deadline): Sent {
  if (code === 0) return { ok: true, answer: `${file} ended with status 0` }
  const words = said.trim() === '' ? '' : `: ${said.trim()}`
  if (passed !== undefined) {
    const why = `${file} was ended after ${passed} s${words}`
    return { ok: false, reason: 'timed-out', retryable: false, why }
  }
  if (signal.aborted) return { ok: false, reason: 'timed-out', retryable: true, why: `${file} was ended` }
  const why = `${file} ended ${code === null ? 'by a signal' : `with status ${code}`}${words}`
  if (code === TRY_AGAIN) return { ok: false, reason: 'busy', retryable: true, why }
  return { ok: false, reason: 'refused', retryable: false, why }
}
