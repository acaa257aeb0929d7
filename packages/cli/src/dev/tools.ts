/**
 * Tools: the programs that `picket dev` takes from this machine, and what to install when one is not there.
 *
 * All that is missing is told at once, as one command.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { WrongUse } from '../failures.ts'

/** Debian's packages. `default-jre-headless` is 17 in Debian 12 and newer after it, which Kafka is content with. */
const PACKAGES = {
  java: 'default-jre-headless',
  mvn: 'maven',
  'redis-server': 'redis-server',
  setpriv: 'util-linux',
} as const
export type Tool = keyof typeof PACKAGES

const JAVA_FROM = 17

/** Throws WrongUse with the command that installs all of what is missing. */
export function needTools(tools: readonly Tool[], path: string): void {
  const missing = tools.filter((tool) => !isOnPath(tool, path))
  if (missing.length > 0) throw new WrongUse(installAdvice(missing))
  if (!tools.includes('java')) return
  const version = javaVersion()
  if (version !== undefined && version < JAVA_FROM)
    throw new WrongUse(
      `Kafka needs Java ${JAVA_FROM} or newer, and java here is ${version}:\n  ${aptInstall(['java'])}`,
    )
}

export function installAdvice(missing: readonly Tool[]): string {
  const are = missing.length === 1 ? 'is' : 'are'
  return `picket dev runs servers of this machine, and ${missing.join(', ')} ${are} not installed:\n  ${aptInstall(missing)}`
}

function aptInstall(tools: readonly Tool[]): string {
  const packages = [...new Set(tools.map((tool) => PACKAGES[tool]))]
  return `sudo apt-get install --no-install-recommends ${packages.join(' ')}`
}

function isOnPath(tool: string, path: string): boolean {
  return path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, tool)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Undefined where it does not say; then its own words will be better than ours. */
function javaVersion(): number | undefined {
  try {
    const text = execFileSync('java', ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const found = /\s(\d+)/.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    // up to 8 it knows only -version
    return 8
  }
}
