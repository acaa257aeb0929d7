import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, truncateSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startKafka } from './kafka.ts'
import { startPrometheus } from './prometheus.ts'
import { startRedis } from './redis.ts'
import { redisCli, startRedisCluster, startRedisSentinels } from './redis-groups.ts'
import { waitUntil } from './wait-until.ts'

async function answers(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':')
  const socket = createConnection(Number(port), host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

test('a broker is started, killed, started again on its log, and gone with its folder when stopped', async () => {
  const kafka = await startKafka()
  assert.ok(await answers(kafka.address))
  await kafka.kill()
  assert.equal(await answers(kafka.address), false)
  await kafka.start()
  assert.ok(await answers(kafka.address))
  await kafka.stop()
  assert.equal(existsSync(kafka.folder), false)
})

test('an append-only Redis comes back after a kill, and a script whose record is torn never happened', async (t) => {
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' })
  t.after(() => redis.stop())
  redisCli(redis.port, 'SET', 'count', '3')
  redisCli(redis.port, 'EVAL', "redis.call('SET', 'other', 1) return redis.call('INCR', 'count')", '0')
  await redis.kill()
  const file = join(redis.folder, 'appendonlydir', 'appendonly.aof.1.incr.aof')
  truncateSync(file, statSync(file).size - 7)
  await redis.start()
  assert.equal(redisCli(redis.port, 'GET', 'count'), '3\n')
  redisCli(redis.port, 'SET', 'later', '1')
  await redis.restart()
  assert.equal(redisCli(redis.port, 'GET', 'count'), '3\n', 'the fault of Redis 7.0 that --fix keeps away')
})

test('users of Redis are those that were asked for, and nobody else comes in', async (t) => {
  const redis = await startRedis({ users: ['picket on >secret ~picket:* +@all'] })
  t.after(() => redis.stop())
  assert.match(redisCli(redis.port, 'GET', 'x'), /NOAUTH|NOPERM/)
  assert.equal(
    redisCli(redis.port, '--user', 'picket', '--pass', 'secret', '--no-auth-warning', 'SET', 'picket:1', 'a'),
    'OK\n',
  )
})

test('a cluster of Redis has all slots, and sentinels replace a master that is dead', async (t) => {
  const cluster = await startRedisCluster()
  t.after(() => cluster.stop())
  assert.match(redisCli(cluster.nodes[0]?.port ?? 0, 'CLUSTER', 'INFO'), /cluster_slots_ok:16384/)
  const group = await startRedisSentinels()
  t.after(() => group.stop())
  await group.master.kill()
  await waitUntil(() => group.masterPort() === group.replica.port, 'the replica to be master')
})

test('Prometheus scrapes what it is given', async (t) => {
  const prometheus = await startPrometheus({ targets: ['127.0.0.1:1'] })
  t.after(() => prometheus.stop())
  await waitUntil(async () => (await prometheus.query('up')).length > 0, 'a first scrape')
  assert.deepEqual(
    (await prometheus.query('up')).map(({ value }) => value),
    [0],
  )
})

test('a service dies with the process that started it, even when that one is killed', async () => {
  const program = `
    import { startRedis } from ${JSON.stringify(new URL('./redis.js', import.meta.url).href)}
    const redis = await startRedis()
    process.stdout.write(String(redis.pid))
    setInterval(() => undefined, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  assert.ok(existsSync(`/proc/${pid}`))
  parent.kill('SIGKILL')
  await waitUntil(() => !isAlive(Number(pid)), 'Redis to die')
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
