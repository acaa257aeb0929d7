import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigRefused } from '../src/config/fault.ts'
import { loadConfig } from '../src/config/load.ts'
import { type RedisConfig, redisSettings } from '../src/config/redis-schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-redis-config-'))
after(() => rmSync(folder, { recursive: true }))

async function redisOf(lines: readonly string[]): Promise<RedisConfig> {
  const file = join(folder, 'picket.yaml')
  writeFileSync(file, ['redis:', ...lines.map((line) => `  ${line}`), ''].join('\n'))
  return (await loadConfig(file)).config.redis
}

async function faultsOf(lines: readonly string[]): Promise<string[]> {
  try {
    await redisOf(lines)
  } catch (error) {
    if (error instanceof ConfigRefused) return error.faults.map(({ path, message }) => `${path}: ${message}`)
    throw error
  }
  return []
}

test('Redis is expected on this machine when nothing is said', async () => {
  const { redis } = (await loadConfig(undefined)).config
  assert.deepEqual(redisSettings(redis, {}), {
    url: 'redis://127.0.0.1:6379',
    prefix: 'picket:',
    timeoutSeconds: 5,
    passwordFile: undefined,
  })
})

test('plain text beyond this machine has to be asked for', async () => {
  for (const url of ['redis://10.0.0.5:6379', 'redis://redis.example:6379/2', 'redis://127.evil.example']) {
    assert.match(
      (await faultsOf([`url: ${url}`])).join('\n'),
      /^redis\.url: would be reached in plain text: .*insecure: true/,
    )
    assert.deepEqual(await faultsOf([`url: ${url}`, 'insecure: true']), [])
  }
  for (const url of [
    'redis://localhost',
    'redis://127.0.0.2:1/0',
    '"redis://[::1]:6379"',
    'rediss://redis.example',
  ]) {
    assert.deepEqual(await faultsOf([`url: ${url}`]), [], url)
  }
})

test('every node of sentinels and clusters counts as a place', async () => {
  const sentinels = ['sentinels:', '  name: picket', '  nodes: [127.0.0.1:26379, 10.0.0.6:26379]']
  assert.match(
    (await faultsOf(sentinels)).join('\n'),
    /^redis\.sentinels\.nodes\[1\]: .*"10\.0\.0\.6:26379"$/,
  )
  const cluster = ['cluster: ["[::1]:7000", node2:7001]']
  assert.match((await faultsOf(cluster)).join('\n'), /^redis\.cluster\[1\]: /)
  assert.deepEqual(await faultsOf(['url: rediss://any', ...cluster]), [])
  assert.match(
    (await faultsOf(['url: rediss://any', ...sentinels, ...cluster])).join('\n'),
    /beside sentinels/,
  )
})

test('a url that holds a password, a query or no host is refused', async () => {
  const refused = [
    'redis://:secret@127.0.0.1',
    'redis://u@127.0.0.1',
    'http://127.0.0.1',
    'redis://',
    'redis://127.0.0.1/a',
    'redis://127.0.0.1?db=1',
  ]
  for (const url of refused) assert.equal((await faultsOf([`url: "${url}"`])).length, 1, url)
})

test('a prefix cannot break the tag that keeps a partition on one node', async () => {
  assert.equal((await faultsOf(['prefix: "a{b}"'])).length, 1)
  assert.deepEqual(await faultsOf(['prefix: ""']), [])
})

test('the file of the password comes from the configuration, else from the environment', async () => {
  const env = { PICKET_REDIS_PASSWORD_FILE: '/run/secrets/env' }
  assert.equal(redisSettings(await redisOf(['username: picket']), env).passwordFile, '/run/secrets/env')
  const named = await redisOf(['passwordFile: /run/secrets/redis'])
  assert.equal(redisSettings(named, env).passwordFile, '/run/secrets/redis')
})
