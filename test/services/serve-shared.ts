/**
 * Started by scripts/test with the path of a unix socket: starts a service at the first question for it, and tells its address.
 *
 * Question: `kafka` or `redis`. Answer: `well HOST:PORT`, or `failed` and why. It ends when its standard input does.
 */
import { createServer } from 'node:net'
import { startKafka } from './kafka.ts'
import { startRedis } from './redis.ts'
import type { SharedService } from './shared.ts'

const STARTS: Readonly<Record<string, () => Promise<SharedService>>> = {
  kafka: startKafka,
  redis: startRedis,
}
const started = new Map<string, Promise<SharedService>>()

function serviceOf(name: string): Promise<SharedService> {
  const start = STARTS[name]
  if (start === undefined) return Promise.reject(new Error(`no such service: ${name}`))
  const service = started.get(name) ?? start()
  started.set(name, service)
  return service
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let question = ''
  socket.setEncoding('utf8')
  socket.on('error', () => undefined)
  socket.on('data', (text: string) => {
    question += text
  })
  socket.on('end', () => {
    serviceOf(question.trim()).then(
      ({ address }) => socket.end(`well ${address}`),
      (error: unknown) => socket.end(`failed ${error instanceof Error ? error.message : String(error)}`),
    )
  })
})

async function end(): Promise<void> {
  server.close()
  const services = await Promise.allSettled(started.values())
  await Promise.all(services.map((service) => service.status === 'fulfilled' && service.value.stop()))
  process.exit()
}

server.listen(process.argv[2])
process.stdin.resume().on('end', () => void end())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
