/**
 * A network namespace of a test's own: whatever it does to its firewall, the machine's is not touched.
 *
 * Where none can be made (no root, no tools), tests are skipped and say why.
 */
import { spawnSync } from 'node:child_process'
import { makeTool, type Tool } from '../../src/adapters/enforcement/run-tool.ts'

let count = 0

export class Namespace {
  readonly name: string
  readonly tool: Tool

  constructor(label = 'ns') {
    count++
    this.name = `pkt-${process.pid}-${count}-${label}`
    mustRun('ip', 'netns', 'add', this.name)
    this.tool = makeTool({ through: ['ip', 'netns', 'exec', this.name] })
    this.run('ip', 'link', 'set', 'lo', 'up')
  }

  /** What it printed; throws where it failed. */
  run(...command: readonly string[]): string {
    return mustRun('ip', 'netns', 'exec', this.name, ...command)
  }

  /** Ends it and all that runs in it. */
  close(): void {
    const pids = spawnSync('ip', ['netns', 'pids', this.name], { encoding: 'utf8' }).stdout.split('\n')
    for (const pid of pids.filter((text) => text !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    spawnSync('ip', ['netns', 'del', this.name])
  }
}

/** False where namespaces with this tool can be made, else the reason to skip. */
export function skipWithout(...tools: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'no real firewall here: not root'
  for (const tool of ['ip', ...tools]) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `no real firewall here: no ${tool}`
  }
  const name = `pkt-${process.pid}-try`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  spawnSync('ip', ['netns', 'del', name])
  return made.status === 0 ? false : `no real firewall here: ${made.stderr.trim()}`
}

function mustRun(...command: readonly string[]): string {
  const [file = '', ...args] = command
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command.join(' ')}: ${stderr}`)
  return stdout
}
