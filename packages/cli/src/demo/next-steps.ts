/** How to go on after the demo: the ways that work on this machine first. */
import { accessSync, constants, existsSync } from 'node:fs'

interface Step {
  readonly command: string
  readonly meaning: string
}

export function nextSteps(isReadable: (path: string) => boolean, exists: (path: string) => boolean): Step[] {
  const log = ['/var/log/kern.log', '/var/log/ufw.log', '/var/log/messages', '/var/log/syslog'].find(exists)
  const steps: Step[] = []
  if (exists('/run/systemd/journal/socket')) {
    steps.push({
      command: 'journalctl -k -o json | picket analyze -',
      meaning: 'who scanned this host? (journal)',
    })
  }
  if (log !== undefined) {
    const sudo = isReadable(log) ? '' : 'sudo '
    steps.push({ command: `${sudo}picket analyze ${log}`, meaning: 'who scanned this host? (log file)' })
  }
  if (steps.length === 0) {
    steps.push({
      command: 'sudo dmesg --time-format iso | picket analyze -',
      meaning: 'who scanned this host?',
    })
  }
  steps.push({ command: 'sudo picket run', meaning: 'watch from now on' })
  return steps
}

export function renderNextSteps(): string {
  // From a checkout the command is not on the PATH.
  const name = existsSync('./picket') ? './picket ' : 'picket '
  const steps = nextSteps(isReadable, existsSync).map(({ command, meaning }) => {
    return { command: command.replace('picket ', name), meaning }
  })
  const width = Math.max(...steps.map(({ command }) => command.length))
  const lines = steps.map(({ command, meaning }) => `  ${command.padEnd(width)}   ${meaning}`)
  return ['Now this host:', ...lines].join('\n')
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
