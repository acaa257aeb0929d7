/** The jars of a Kafka broker, as `picket dev` fetches them; kept in the checkout's .cache (or $XDG_CACHE_HOME/picket). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaClassPath as classPathOf, kafkaJars } from '@picket/cli/dev'
import { REPOSITORY } from '../places.ts'
import { needTool } from './missing-tool.ts'

const xdg = process.env['XDG_CACHE_HOME']
export const JARS: string = kafkaJars(
  xdg === undefined || xdg === '' ? join(REPOSITORY, '.cache') : join(xdg, 'picket'),
)

/** The class path for `java -cp`. */
export function kafkaClassPath(): Promise<string> {
  if (!existsSync(JARS)) needTool('mvn')
  return classPathOf(JARS)
}
