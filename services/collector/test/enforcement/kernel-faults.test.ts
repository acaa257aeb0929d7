/**
 * F41 and F42: a firewall that fails while bans come, and more bans than its sets hold, with real nftables in a namespace.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { NftBans } from '../../src/adapters/enforcement/nftables.ts'
import { makeTool, type Tool } from '../../src/adapters/enforcement/run-tool.ts'
import { NFT_MOST } from '../../src/enforce/nft-script.ts'
import { Bed, until } from '../enforcer/bed.ts'
import { Namespace, skipWithout } from './namespace.ts'

const ATTACKER = '203.0.113.1'
const BUSY = 'echo "Error: Could not process rule: Device or resource busy" >&2; exit 1'

/** A tool that is another one for a while. */
class Switched implements Tool {
  now: Tool

  constructor(tool: Tool) {
    this.now = tool
  }

  run(command: readonly string[], input?: string): ReturnType<Tool['run']> {
    return this.now.run(command, input)
  }
}

describe('a firewall that fails', { skip: skipWithout('nft') }, () => {
  let host: Namespace
  let bed: Bed
  before(() => {
    host = new Namespace('faults')
  })
  after(() => host.close())
  afterEach(async () => {
    await bed.close()
    await new NftBans(host.tool).liftAll()
  })

  const held = async (): Promise<string[]> =>
    (await new NftBans(host.tool).list()).map(({ subject }) => subject).sort()

  for (const [what, broken, says] of [
    ['is not there any more', makeTool({ through: ['/nonexistent/nft'] }), /ENOENT/],
    ['is busy', makeTool({ through: ['sh', '-c', BUSY] }), /Device or resource busy/],
    [
      'hangs',
      makeTool({ through: ['sh', '-c', 'exec sleep 600'], timeoutMs: 200 }),
      /did not end within 0\.2 s/,
    ],
  ] as const) {
    test(`F41 whose tool ${what} is told in a receipt, and the ban is done once it works`, async () => {
      bed = new Bed()
      const tool = new Switched(host.tool)
      const enforcer = await bed.start(new NftBans(tool))
      tool.now = broken
      await bed.ban(ATTACKER, 600)
      await bed.untilOutcome(ATTACKER, 'failed')
      const receipt = (await bed.receipts()).findLast(({ subject }) => subject === ATTACKER)
      assert.match(receipt?.why ?? '', says)
      assert.match(enforcer.healthy().reasons.join(), /^the firewall (fails|refuses)/)
      tool.now = host.tool
      await bed.untilOutcome(ATTACKER, 'applied')
      assert.deepEqual(await held(), [ATTACKER])
      await until(() => enforcer.healthy().ok, 'it to be well again')
    })
  }

  test('F41 whose table somebody deletes in between gets it back with the bans of before and after', async () => {
    bed = new Bed()
    await bed.start(new NftBans(host.tool))
    await bed.ban(ATTACKER, 600)
    await bed.untilOutcome(ATTACKER, 'applied')
    host.run('nft', 'delete', 'table', 'inet', 'picket')
    await bed.ban('203.0.113.2', 600)
    await bed.untilOutcome('203.0.113.2', 'applied')
    await until(async () => (await held()).length === 2, 'both bans')
    assert.deepEqual(await held(), [ATTACKER, '203.0.113.2'])
  })

  test(`F42 beyond the ${NFT_MOST} that its sets hold each ban is refused with its reason, and counted, and it brakes`, async () => {
    bed = new Bed()
    const caps = { total: 1_000_000, perMinute: 1_000_000, widestV4: 24, widestV6: 64 }
    const beyond = ['203.0.113.1', '203.0.113.2', '2001:db8::3']
    const enforcer = await bed.begin(new NftBans(host.tool), { caps })
    const now = Date.now()
    const span = { from: now, until: now + 3_600_000, why: 'full' }
    const wishes = Array.from({ length: NFT_MOST }, (_, i) => ({
      ...{ subject: `10.${(i >> 16) + 1}.${(i >> 8) & 255}.${i & 255}`, revision: 1, spans: [span] },
      ...{ admittedAt: now, isForOthers: false },
    }))
    enforcer.bans.set(wishes)
    await until(() => enforcer.ready().ok, 'the enforcer to be ready')
    await until(() => enforcer.bans.figures.inKernel === NFT_MOST, 'the sets to be full', 120_000)
    for (const subject of beyond) await bed.ban(subject, 600)
    for (const subject of beyond) await bed.untilOutcome(subject, 'refused cap-total')
    assert.equal(enforcer.bans.figures.refused, beyond.length)
    assert.ok(enforcer.healthy().reasons.includes('brake: 3 bans are held back (cap-total)'))
    assert.equal((await held()).length, NFT_MOST)
  })
})
