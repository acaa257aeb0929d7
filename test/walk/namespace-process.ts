/**
 * Processes in a network namespace, and commands that end there.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '../services/wait-until.ts'

/** What a command is put behind. */
export function inside(namespace: string): readonly string[] {
  return ['ip', 'netns', 'exec', namespace]
}

/** What it printed; rejects with what it complained of. */
export function run(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = command
  return new Promise((resolve, reject) => {
    execFile(file, args, { encoding: 'utf8', maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command.join(' ')}: ${stderr}${stdout}`, { cause: error }))
    })
  })
}

/** One of the scripts beside this file; it is there when it has said that it is ready, and ends with this process. */
export async function startScript(
  script: string,
  args: readonly string[],
  through: readonly string[] = [],
): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url))
  const [file = '', ...rest] = [...through, process.execPath, path, ...args]
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  await waitUntil(
    () => said.includes('ready\n'),
    () => `${script} to be ready; it said:\n${said}`,
  )
  return child
}
