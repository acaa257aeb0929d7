/**
 * One contract for every way to block: each adapter on a real firewall, in a network namespace of its own.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ChainBans } from '../../src/adapters/enforcement/chains.ts'
import { DryRunBans } from '../../src/adapters/enforcement/dry-run.ts'
import { IpsetBans } from '../../src/adapters/enforcement/ipset.ts'
import { NftBans } from '../../src/adapters/enforcement/nftables.ts'
import type { Tool } from '../../src/adapters/enforcement/run-tool.ts'
import { ScriptBans } from '../../src/adapters/enforcement/script.ts'
import type { KernelBans, Timed, Transaction } from '../../src/enforce/kernel-bans.ts'
import { readSubject, type Subject } from '../../src/enforce/subject.ts'
import { Namespace, skipWithout } from './namespace.ts'

const SAMPLE = fileURLToPath(new URL('../../../test/enforcement/sample-firewall.sh', import.meta.url))

interface Case {
  readonly tools: readonly string[]
  readonly open: (tool: Tool) => KernelBans
  /** What somebody else may do to it: all of our work is gone then. */
  readonly flush: readonly (readonly string[])[]
  /** Elements in one transaction. */
  readonly many: number
}

const CASES: Readonly<Record<string, Case>> = {
  nftables: {
    tools: ['nft'],
    open: (tool) => new NftBans(tool),
    flush: [['nft', 'flush', 'ruleset']],
    many: 1_000,
  },
  ipset: {
    tools: ['ipset', 'iptables', 'ip6tables'],
    open: (tool) => new IpsetBans(tool),
    flush: [
      ['iptables', '-t', 'raw', '-F'],
      ['ip6tables', '-t', 'raw', '-F'],
      ['ipset', 'flush'],
    ],
    many: 1_000,
  },
  iptables: {
    tools: ['iptables', 'ip6tables'],
    open: (tool) => new ChainBans(tool),
    flush: [
      ['iptables', '-F'],
      ['ip6tables', '-F'],
    ],
    many: 200,
  },
  script: {
    tools: ['nft', 'python3'],
    open: (tool) => new ScriptBans([SAMPLE], tool),
    flush: [['nft', 'flush', 'ruleset']],
    many: 20,
  },
  'dry-run': { tools: [], open: () => new DryRunBans(), flush: [], many: 1_000 },
}

function subject(text: string): Subject {
  const read = readSubject(text)
  assert.ok(read !== undefined, text)
  return read
}

function timed(text: string, seconds: number): Timed {
  return { subject: subject(text), seconds }
}

function setting(...set: readonly Timed[]): Transaction {
  return { set, lift: [] }
}

const NEVER = [subject('10.9.9.0/24'), subject('fe80::/10')]
const SUBJECTS = ['203.0.113.9', '198.51.100.0/24', '2001:db8::9', '2001:db8:1:2::/64'] as const

for (const [name, { tools, open, flush, many }] of Object.entries(CASES)) {
  const skip = name === 'dry-run' ? false : skipWithout(...tools)
  describe(`blocking by ${name}`, { skip }, () => {
    let namespace: Namespace
    let kernel: KernelBans
    const left = async (): Promise<Map<string, number>> =>
      new Map((await kernel.list()).map((element) => [element.subject, element.seconds]))
    const present = async (): Promise<string[]> => [...(await left()).keys()].sort()
    const fresh = async (): Promise<void> => {
      await kernel.liftAll()
      await kernel.prepare(NEVER)
    }
    before(() => {
      namespace = new Namespace(name)
      kernel = open(namespace.tool)
    })
    after(() => namespace.close())

    test('works here, and holds nothing before it is told to', async () => {
      assert.deepEqual(await kernel.probe(), { usable: true })
      await fresh()
      assert.equal(await kernel.isPrepared(), true)
      assert.deepEqual(await kernel.list(), [])
    })

    test('hosts and prefixes of both families are held with the seconds that remain', async () => {
      await fresh()
      assert.equal((await kernel.apply(setting(...SUBJECTS.map((text) => timed(text, 300))))).size, 0)
      const listed = await left()
      assert.deepEqual([...listed.keys()].sort(), [...SUBJECTS].sort())
      for (const seconds of listed.values()) assert.ok(seconds > 240 && seconds <= 300, String(seconds))
    })

    test('a renewal sets the time anew, up and down, and the same again changes nothing', async () => {
      await fresh()
      for (const seconds of [100, 600, 600, 50]) {
        assert.equal((await kernel.apply(setting(...SUBJECTS.map((text) => timed(text, seconds))))).size, 0)
        const listed = await left()
        assert.equal(listed.size, SUBJECTS.length)
        for (const now of listed.values())
          assert.ok(now > seconds - 30 && now <= seconds, `${now} of ${seconds}`)
      }
    })

    test('what is lifted is gone, and lifting what is absent is no fault', async () => {
      await fresh()
      await kernel.apply(setting(...SUBJECTS.map((text) => timed(text, 300))))
      const [first, second, ...rest] = SUBJECTS
      const lift = [first, second, '192.0.2.77', '2001:db8:7::/64'].map(subject)
      assert.equal((await kernel.apply({ set: [], lift })).size, 0)
      assert.deepEqual(await present(), [...rest].sort())
    })

    test('a wider prefix takes the place of a narrower one in one transaction', async () => {
      await fresh()
      await kernel.apply(setting(timed('198.51.100.128/25', 300), timed('2001:db8:1:2:8000::/65', 300)))
      const failures = await kernel.apply({
        set: [timed('198.51.100.0/24', 300), timed('2001:db8:1:2::/64', 300)],
        lift: [subject('198.51.100.128/25'), subject('2001:db8:1:2:8000::/65')],
      })
      assert.deepEqual([...failures], [])
      assert.deepEqual(await present(), ['198.51.100.0/24', '2001:db8:1:2::/64'])
    })

    test('preparing again keeps every element and its time', async () => {
      await fresh()
      await kernel.apply(setting(...SUBJECTS.map((text) => timed(text, 300))))
      await kernel.prepare([...NEVER, subject('192.0.2.1')])
      assert.deepEqual(await present(), [...SUBJECTS].sort())
      assert.equal(await kernel.isPrepared(), true)
    })

    test('a few hosts are read by themselves, or it is said that not all were found', async () => {
      await fresh()
      const hosts = ['203.0.113.9', '198.51.100.7', '2001:db8::9'].map(subject)
      await kernel.apply(setting(...hosts.map(({ text }) => timed(text, 93_784)), timed('192.0.2.0/24', 60)))
      const seen = kernel.look === undefined ? await kernel.list() : ((await kernel.look(hosts)) ?? [])
      for (const { text } of hosts) {
        const seconds = seen.find((element) => element.subject === text)?.seconds ?? 0
        assert.ok(seconds > 93_700 && seconds <= 93_784, `${text} for ${seconds}`)
      }
      assert.equal(await kernel.look?.([...hosts, subject('192.0.2.7')]), undefined)
      assert.equal(await kernel.look?.([...hosts, subject('192.0.2.0/24')]), undefined)
    })

    test('lifting all leaves nothing of ours, and may be done twice', async () => {
      await fresh()
      await kernel.apply(setting(timed('203.0.113.9', 300)))
      await kernel.liftAll()
      await kernel.liftAll()
      assert.deepEqual(await kernel.list(), [])
    })

    test(`${many} hosts of both families go in at once`, async () => {
      await fresh()
      const hosts = Array.from({ length: many / 2 }, (_, i) => [
        timed(`10.${i >> 8}.${i & 255}.1`, 300),
        timed(`2001:db8:${(i + 1).toString(16)}::1`, 300),
      ]).flat()
      assert.equal((await kernel.apply(setting(...hosts))).size, 0)
      assert.equal((await kernel.list()).length, many - (many % 2))
    })

    if (isReal(name)) {
      test('one element that is refused keeps no other out', async () => {
        await fresh()
        const bad: Timed = { subject: { ...subject('203.0.113.1'), text: '203.0.113.999' }, seconds: 300 }
        const failures = await kernel.apply(
          setting(timed('203.0.113.9', 300), bad, timed('2001:db8::9', 300)),
        )
        assert.deepEqual([...failures.keys()], ['203.0.113.999'])
        assert.ok((failures.get('203.0.113.999') ?? '').length > 0)
        assert.deepEqual(await present(), ['2001:db8::9', '203.0.113.9'])
      })

      test('when another hand has flushed it, it says so and can be prepared again', async () => {
        await fresh()
        await kernel.apply(setting(timed('203.0.113.9', 300)))
        for (const command of flush) namespace.run(...command)
        assert.equal(await kernel.isPrepared(), false)
        await kernel.prepare(NEVER)
        assert.equal(await kernel.isPrepared(), true)
        await kernel.apply(setting(timed('203.0.113.9', 200)))
        assert.ok(((await left()).get('203.0.113.9') ?? 0) > 150)
      })
    }
  })
}

function isReal(name: string): boolean {
  return name !== 'dry-run'
}
