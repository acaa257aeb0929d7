/**
 * The broker and the Redis that test files share, so that a run does not start one each.
 *
 * Under scripts/test they are started by the first test that asks (serve-shared.ts) and die with the run. A test file that is run
 * alone starts its own. Who shares uses names of its own (`freshName`): never a fixed topic, group or key.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { startKafka } from './kafka.ts'
import { startRedis } from './redis.ts'
import { waitUntil } from './wait-until.ts'

export interface SharedService {
  /** `host:port` */
  readonly address: string
  /** For `after()`; stops only what this process started. */
  stop(): Promise<void>
}

export function sharedKafka(): Promise<SharedService> {
  return shared('kafka', process.env['PICKET_TEST_KAFKA'], startKafka)
}

export function sharedRedis(): Promise<SharedService> {
  return shared('redis', process.env['PICKET_TEST_REDIS'], startRedis)
}

/** A name that no other test uses, e.g. as the prefix of topics or keys. */
export function freshName(what = 'test'): string {
  return `${what}-${randomBytes(5).toString('hex')}`
}

async function shared(
  name: string,
  given: string | undefined,
  start: () => Promise<SharedService>,
): Promise<SharedService> {
  if (given !== undefined && given !== '') return { address: given, stop: nothing }
  const server = process.env['PICKET_TEST_SERVICES']
  if (server === undefined || server === '') return start()
  const [kind, ...rest] = (await ask(server, name)).split(' ')
  if (kind !== 'well') throw new Error(`the shared ${name} did not start: ${rest.join(' ')}`)
  return { address: rest.join(' '), stop: nothing }
}

async function ask(path: string, name: string): Promise<string> {
  await waitUntil(() => existsSync(path), 'scripts/test to serve what is shared')
  const socket = createConnection(path).setEncoding('utf8')
  let answer = ''
  socket.on('data', (text: string) => {
    answer += text
  })
  socket.end(name)
  await once(socket, 'end')
  return answer
}

async function nothing(): Promise<void> {}
