/**
 * F6, F8, F10 to F12: the broker dies, hangs, is slow, or is heard one way only. Agents (this test) and detectors both suffer it.
 *
 * All reach the broker through a proxy, which is also what the broker says of itself.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import type { FleetOptions } from '../fleet/real-fleet.ts'
import { freePort } from '../services/free-port.ts'
import { Kafka, startKafka } from '../services/kafka.ts'
import { freshName } from '../services/shared.ts'
import { TcpProxy } from '../services/tcp-proxy.ts'
import { waitUntil } from '../services/wait-until.ts'
import { ALL_CLAIMS, atWork, claimsOf, unready } from './lives.ts'
import { ALL, type TurmoilOptions, turmoil, type World } from './turmoil.ts'

const TIMES = ALL ? 10 : 1
/** Short, or a broker that hangs would be waited for half a minute. */
const SECONDS = 3

let kafka: Kafka
let proxy: TcpProxy

before(async () => {
  const port = await freePort()
  kafka = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}` } })
  proxy = await TcpProxy.start(port, kafka.port)
})

after(async () => {
  await proxy?.stop()
  await kafka?.stop()
})

function atProxy(): FleetOptions {
  const broker = new Kafka(kafka.nodes, [`127.0.0.1:${proxy.port}`], undefined)
  return { broker, prefix: freshName('chaos'), requestTimeoutMs: SECONDS * 1_000 }
}

function disturb(
  options: Pick<TurmoilOptions, 'seed' | 'fault' | 'mend' | 'check' | 'times'>,
  kafka: object = { requestTimeoutSeconds: SECONDS },
): Promise<unknown> {
  const config = { kafka }
  return turmoil({ ...options, traffic: { packets: 6_000 }, fleet: atProxy(), config })
}

async function ready({ detectors }: World): Promise<void> {
  for (const detector of detectors) await detector.ready()
}

test('F6 a broker that is killed and started again: the same is found', async () => {
  const killBroker = async (world: World): Promise<void> => {
    await atWork(world.detectors[0] as FleetProcess)
    await pause(world.random.between(0, 200))
    await kafka.kill()
    await kafka.start()
    await ready(world)
  }
  await disturb({ seed: 6, times: TIMES, fault: killBroker })
})

test('F8 a broker that hangs is given up and found again: the same is found', async () => {
  const hang = async (world: World): Promise<void> => {
    await atWork(world.detectors[0] as FleetProcess)
    kafka.pause()
    await unready(world.detectors[0] as FleetProcess)
    kafka.resume()
    await ready(world)
  }
  await disturb({ seed: 8, times: ALL ? 5 : 1, fault: hang })
})

test('F10 acknowledgements that are lost double nothing: the same is found', async () => {
  const loseAnswers = async (world: World): Promise<void> => {
    await atWork(world.detectors[0] as FleetProcess)
    proxy.lost = 0
    proxy.loseAnswers()
    await waitUntil(() => proxy.lost > 0, 'an answer to be lost')
    await pause(world.random.between(0, 100))
    proxy.pass()
  }
  await disturb({ seed: 10, times: TIMES, fault: loseAnswers })
})

test('F11 a slow broker shakes no group, and the same is found', async () => {
  const slow = ALL
    ? { delayMs: [1_000, 2_000] as const, bytesPerSecond: 100_000 }
    : { delayMs: [200, 600] as const, bytesPerSecond: 200_000 }
  const slowly = {
    seed: 11,
    times: 1,
    fault: async ({ detectors: [detector] }: World) => {
      await atWork(detector as FleetProcess)
      proxy.slow(slow)
      await pause(ALL ? 60_000 : 7_000)
    },
    mend: async () => proxy.slow(undefined),
    check: async ({ detectors: [detector] }: World) => assert.equal(await claimsOf(detector), ALL_CLAIMS),
  }
  // An answer may take four seconds here: as with the time-outs by default, which are thirty, that must be allowed.
  await disturb(slowly, { requestTimeoutSeconds: 20, sessionTimeoutSeconds: 20 })
})

for (const way of ['requests', 'answers'] as const) {
  test(`F12 a broker of which ${way} are swallowed is waited for, and the same is found`, async () => {
    const partition = async (world: World): Promise<void> => {
      await atWork(world.detectors[0] as FleetProcess)
      if (way === 'requests') proxy.loseRequests()
      else proxy.loseAnswers()
      await unready(world.detectors[0] as FleetProcess)
      proxy.pass()
      await ready(world)
    }
    await disturb({ seed: 12, times: ALL ? 5 : 1, fault: partition })
  })
}
