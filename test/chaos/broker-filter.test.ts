/**
 * F12 by the packet filter: what goes to the broker, or what comes from it, is dropped on the way, and nobody is told.
 *
 * Unlike a proxy this leaves TCP without acknowledgements: the kernel's own timers and retries are at work. Broker, Redis,
 * detectors and the test itself run in a namespace of their own, since the filter of the machine is not ours: this file starts itself
 * again inside of it.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { type Kafka, startKafka } from '../services/kafka.ts'
import { freshName } from '../services/shared.ts'
import { atWork, unready } from './lives.ts'
import { ALL, turmoil, type World } from './turmoil.ts'

const INSIDE = 'PICKET_TEST_NAMESPACE'
const SECONDS = 3
/** Either way takes about a minute, most of it waiting. */
const WAYS = ALL ? { requests: 'dport', answers: 'sport' } : { requests: 'dport' }

if (process.env[INSIDE] === undefined) outside()
else inside()

function outside(): void {
  const name = `pkt-f12-${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  const hasNft = spawnSync('nft', ['--version']).status === 0
  const skip = made.status === 0 && hasNft ? false : `no packet filter here: ${made.stderr ?? 'no ip'}`
  after(() => {
    if (made.status === 0) spawnSync('ip', ['netns', 'del', name])
  })

  test('F12 a broker that the packet filter hides one way is waited for, and the same is found', {
    skip,
  }, async () => {
    assert.equal(spawnSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']).status, 0)
    const { status, said } = await again(name)
    assert.equal(status, 0, said)
  })
}

/** This file, in the namespace, with servers of its own. */
async function again(name: string): Promise<{ status: number | null; said: string }> {
  const { NODE_TEST_CONTEXT: _, PICKET_TEST_SERVICES: __, ...env } = process.env
  const words = [
    'netns',
    'exec',
    name,
    process.execPath,
    '--enable-source-maps',
    fileURLToPath(import.meta.url),
  ]
  const child = spawn('ip', words, { env: { ...env, [INSIDE]: name }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, said }
}

function inside(): void {
  let kafka: Kafka

  before(async () => {
    kafka = await startKafka()
    nft('add table inet hiding', 'add chain inet hiding in { type filter hook input priority 0; }')
  })

  after(() => kafka?.stop())

  describe('a broker behind a packet filter', () => {
    for (const [what, port] of Object.entries(WAYS)) {
      test(`of which ${what} are dropped`, async () => {
        const hide = async ({ detectors: [detector] }: World): Promise<void> => {
          await atWork(detector as FleetProcess)
          nft(`add rule inet hiding in tcp ${port} ${kafka.port} counter drop`)
          await unready(detector as FleetProcess)
          assert.match(nft('list chain inet hiding in'), /packets [1-9]/, 'nothing was dropped')
          nft('flush chain inet hiding in')
          await detector?.ready()
        }
        const fleet = { broker: kafka, prefix: freshName('chaos'), requestTimeoutMs: SECONDS * 1_000 }
        const config = { kafka: { requestTimeoutSeconds: SECONDS } }
        await turmoil({
          seed: 12,
          times: ALL ? 5 : 1,
          fault: hide,
          traffic: { packets: 6_000 },
          fleet,
          config,
        })
      })
    }
  })
}

function nft(...commands: readonly string[]): string {
  const ended = spawnSync('nft', ['-f', '-'], { input: commands.join('\n'), encoding: 'utf8' })
  if (ended.status !== 0) throw new Error(ended.stderr)
  return ended.stdout
}
