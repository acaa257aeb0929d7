/**
 * The jars of a Kafka broker, fetched once through maven and kept in the checkout's .cache (or $XDG_CACHE_HOME/picket).
 *
 * Several test processes may come at once: each fills a folder of its own, and the first to finish gives it its name.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from '../places.ts'
import { needTool } from './missing-tool.ts'

const POM = join(REPOSITORY, 'test', 'services', 'pom.xml')
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** The class path for `java -cp`. */
export async function kafkaClassPath(): Promise<string> {
  const wanted = createHash('sha256').update(readFileSync(POM, 'utf8')).digest('hex').slice(0, 12)
  const xdg = process.env['XDG_CACHE_HOME']
  const cache = xdg === undefined || xdg === '' ? join(REPOSITORY, '.cache') : join(xdg, 'picket')
  const jars = join(cache, `kafka-${wanted}`)
  if (!existsSync(jars)) await fetchJars(cache, jars)
  return `${jars}/*`
}

async function fetchJars(cache: string, jars: string): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const own = mkdtempSync(`${jars}-`)
  const args = ['-q', '-B', '-ntp', '-f', POM, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${own}`]
  try {
    await promisify(execFile)(needTool('mvn'), args, { maxBuffer: 1 << 26 })
    renameSync(own, jars)
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    if (!existsSync(jars)) throw new Error('maven could not fetch the jars of Kafka', { cause: error })
  }
}
