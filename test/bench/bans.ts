/**
 * Bans in bulk on one host: 10,000 signed bans from the topic into the kernel, and a restart of the enforcer with all of them there.
 *
 * Real nftables in a network namespace of its own, the queue in memory: what is measured is decoding, verifying, planning, `nft`, and
 * reading the kernel back. Needs root. One JSON line each; the best of some runs, since whatever else the machine does only adds.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { candidates, type EnforcerSettings, makeTool, startEnforcer } from '@picket/collector/enforcer'
import { MemoryQueue, Metrics, makeLogger } from '@picket/runtime'
import { newSigningKey, publicKeyText, readPublicKey, signBan } from '@picket/runtime/bans'
import { report } from './measure.ts'

const BANS = 10_000
const RUNS = Number(process.env['PICKET_BENCH_RUNS'] ?? 5)
const NAMESPACE = `pkt-bench-${process.pid}`

const key = newSigningKey()
const keys = new Map([[key.id, readPublicKey(publicKeyText(key.publicKey), 'bench')]])
const tool = makeTool({ through: ['ip', 'netns', 'exec', NAMESPACE] })
const log = makeLogger({
  level: process.env['PICKET_BENCH_LOG'] === undefined ? 'error' : 'debug',
  format: 'json',
})

function settings(state: string): EnforcerSettings {
  return {
    reporter: 'bench',
    site: '',
    instance: 'bench',
    version: '0',
    topics: { bans: 'bans', receipts: 'receipts', group: 'picket-enforcer-bench' },
    state,
    firewall: { type: 'nftables' },
    caps: { total: 65_536, perMinute: 100_000, widestV4: 24, widestV6: 64 },
    allow: [],
    peers: [],
    adminPorts: [22],
    heartbeatSeconds: 60,
  }
}

function signedBans(run: number): Uint8Array[] {
  const now = Date.now()
  return Array.from({ length: BANS }, (_, i) => {
    const [high, low] = [i >> 8, i & 255]
    const subject =
      i % 4 === 0
        ? `2001:db8:${(high + 1).toString(16)}:${(low + 1).toString(16)}::/64`
        : `10.9.${high}.${low}`
    const wishes = [{ hosts: [], from: now, until: now + 3_600_000, why: 'vertical_scan, level 4' }]
    return signBan({ subject, wishes, revision: now * 1_000 + run }, key)
  })
}

interface Phases {
  readonly bulkMs: number
  readonly restartMs: number
  readonly oneMs: number
  /** Of this process, all threads; without nft's. */
  readonly bulkCpuMs: number
  readonly restartCpuMs: number
}

async function run(number: number): Promise<Phases> {
  const state = mkdtempSync(join(tmpdir(), 'picket-bench-bans-'))
  const queue = new MemoryQueue({ topics: { bans: 12, receipts: 12 } })
  const producer = await queue.producer()
  const bans = signedBans(number)
  for (const [i, value] of bans.entries()) await producer.send('bans', i % 12, [{ key: null, value }])
  try {
    const first = await ready(queue, state)
    await first.stop()
    const second = await ready(queue, state)
    const oneMs = await addOne(queue, second.inKernel)
    await second.stop()
    return {
      ...{ bulkMs: first.ms, restartMs: second.ms, oneMs },
      ...{ bulkCpuMs: first.cpuMs, restartCpuMs: second.cpuMs },
    }
  } finally {
    await queue.close()
    for (const kernel of candidates({ type: 'nftables' }, tool)) await kernel.liftAll()
    rmSync(state, { recursive: true })
  }
}

interface Ready {
  readonly ms: number
  readonly cpuMs: number
  readonly inKernel: () => number
  readonly stop: () => Promise<void>
}

/** From the start of the enforcer until the kernel shows all. */
async function ready(queue: MemoryQueue, state: string): Promise<Ready> {
  const [kernel] = candidates({ type: 'nftables' }, tool)
  if (kernel === undefined) throw new Error('no nftables')
  const began = performance.now()
  const cpu = process.cpuUsage()
  const enforcer = await startEnforcer(settings(state), { queue, log, metrics: new Metrics(), keys, kernel })
  await until(() => enforcer.ready().ok)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const { inKernel } = enforcer.bans.figures
  if (inKernel !== BANS) throw new Error(`${inKernel} of ${BANS} bans are in the kernel`)
  return {
    ms,
    cpuMs: (user + system) / 1_000,
    inKernel: () => enforcer.bans.figures.inKernel,
    stop: () => enforcer.stop(),
  }
}

/** One more ban while the 10,000 are there: from the topic until the kernel shows it. */
async function addOne(queue: MemoryQueue, inKernel: () => number): Promise<number> {
  const now = Date.now()
  const wishes = [{ hosts: [], from: now, until: now + 3_600_000, why: 'one more' }]
  const value = signBan({ subject: '203.0.113.9', wishes, revision: now * 1_000 }, key)
  const producer = await queue.producer()
  const began = performance.now()
  await producer.send('bans', 0, [{ key: null, value }])
  await until(() => inKernel() === BANS + 1)
  return performance.now() - began
}

function sorted(runs: readonly Phases[], phase: keyof Phases): number[] {
  return runs.map((each) => each[phase] / 1_000).sort((a, b) => a - b)
}

function least(runs: readonly Phases[], phase: keyof Phases): number {
  return sorted(runs, phase)[0] ?? Number.NaN
}

function middle(runs: readonly Phases[], phase: keyof Phases): number {
  return sorted(runs, phase)[runs.length >> 1] ?? Number.NaN
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}

function namespace(verb: 'add' | 'del'): void {
  const { status, stderr } = spawnSync('ip', ['netns', verb, NAMESPACE], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`a network namespace is needed: ${stderr}`)
}

namespace('add')
try {
  const runs: Phases[] = []
  for (let i = 0; i < RUNS; i++) runs.push(await run(i))
  for (const [bench, phase, cpu] of [
    ['bans-to-kernel', 'bulkMs', 'bulkCpuMs'],
    ['bans-restart', 'restartMs', 'restartCpuMs'],
    ['one-more-ban', 'oneMs', undefined],
  ] as const) {
    const figures = { bestSeconds: least(runs, phase), medianSeconds: middle(runs, phase) }
    const bounded = cpu === undefined ? {} : { ownCpuSeconds: least(runs, cpu), limitSeconds: 1 }
    report(bench, { bans: BANS, ...figures, ...bounded, runs: RUNS, node: process.version })
    if (cpu !== undefined && figures.bestSeconds > 1) process.exitCode = 1
  }
} finally {
  namespace('del')
}
