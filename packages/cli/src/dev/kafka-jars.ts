/**
 * The jars of a Kafka broker, fetched once through maven and kept in a folder that is named by what was asked for.
 *
 * Several processes may come at once: each fills a folder of its own, and the first to finish gives it its name.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Ships with the command. */
const POM = fileURLToPath(new URL('../../../kafka/pom.xml', import.meta.url))
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** What maven said is in `detail`. */
export class JarsNotFetched extends Error {
  override readonly name = 'JarsNotFetched'
  readonly detail: string

  constructor(cause: unknown) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    const detail = `${stdout}${stderr}`.trim()
    super('maven could not fetch the jars of Kafka', { cause })
    this.detail = detail.split('\n').slice(0, 5).join('\n')
  }
}

/** `$XDG_CACHE_HOME/picket`, or what stands for it. */
export function cacheFolder(env: NodeJS.ProcessEnv, otherwise: string = join(homedir(), '.cache')): string {
  const xdg = env['XDG_CACHE_HOME']
  return join(xdg === undefined || xdg === '' ? otherwise : xdg, 'picket')
}

/** Where they lie in that cache, or will. */
export function kafkaJars(cache: string): string {
  const wanted = createHash('sha256').update(readFileSync(POM, 'utf8')).digest('hex').slice(0, 12)
  return join(cache, `kafka-${wanted}`)
}

/** The class path for `java -cp`; `mvn` is needed only where the jars are not there yet. */
export async function kafkaClassPath(jars: string, signal?: AbortSignal): Promise<string> {
  if (!existsSync(jars)) await fetchJars(jars, signal)
  return `${jars}/*`
}

async function fetchJars(jars: string, signal: AbortSignal | undefined): Promise<void> {
  mkdirSync(dirname(jars), { recursive: true })
  const own = mkdtempSync(`${jars}-`)
  const args = ['-q', '-B', '-ntp', '-f', POM, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${own}`]
  try {
    await promisify(execFile)('mvn', args, { maxBuffer: 1 << 26, ...(signal && { signal }) })
    renameSync(own, jars)
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    if (!existsSync(jars)) throw new JarsNotFetched(error)
  }
}
