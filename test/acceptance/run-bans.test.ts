/**
 * `picket run` alone, on a host of its own with a real nftables: what it bans, what it never does, and what survives it.
 *
 * Needs root for the namespace; is skipped without it, and says so.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, describe, test } from 'node:test'
import { ADDRESS, GATEWAY, OwnHost } from '../own-host.ts'
import { picket } from '../picket.ts'
import { PICKET_MAIN } from '../places.ts'
import { RunProcess } from '../run-process.ts'

const skip = OwnHost.missing()
const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})

const DECISIONS = { rules: [{ name: 'serious', when: { level: 3 }, tell: ['*'], ban: '10m' }] }
const MANY = { perHour: 1_000, digestAfter: 1_000 }

interface Place {
  readonly host: OwnHost
  readonly run: RunProcess
  readonly sections: Readonly<Record<string, unknown>>
}

function newPlace(before: readonly string[] = []): Place {
  const host = new OwnHost()
  ends.push(() => host.end())
  const enforcer = { firewall: 'auto' }
  const sections = { channels: host.channels, decisions: DECISIONS, mailBudget: MANY, enforcer }
  const run = new RunProcess(sections, [...host.inside, ...before])
  ends.push(() => run.end())
  return { host, run, sections }
}

/** What the mail about a source says was done, once it is there. */
async function mailAbout({ host, run }: Place, source: string): Promise<string> {
  const found = (): string | undefined => host.mails.find((mail) => mail.includes(`by ${source} on`))
  await run.until(() => found() !== undefined, `the mail about ${source}`)
  const text = (found() ?? '').replace(/=\n/g, '')
  return /WHAT WAS DONE\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? text
}

describe('picket run on a host with a firewall', { skip }, () => {
  test('bans nobody and touches no firewall before bans are enabled; then what its rules ask for, and never its gateway', async () => {
    const place = newPlace()
    const { host, run } = place
    await run.started()
    assert.match(run.log, /bans can go to the kernel by nftables/)
    run.scan('203.0.113.50')
    assert.match(await mailAbout(place, '203.0.113.50'), /Would have banned 203\.0\.113\.50 for 10 minutes/)
    assert.equal(host.nft('list', 'ruleset'), '')

    const asked = await picket(['bans', 'enable', '--config', run.config])
    assert.equal(asked.status, 2)
    assert.match(asked.stdout, /^Never banned:\n.*198\.51\.100\.17 {2}this host's own address on eth0\n/s)
    assert.match(asked.stdout, /198\.51\.100\.1 {2}a gateway of this host\n/)
    assert.match(await run.ask('allow', 'check', GATEWAY), /this host never bans 198\.51\.100\.1/)
    assert.match(await run.ask('bans', 'enable', '--yes'), /bans are enabled/)
    run.scan('203.0.113.51')
    assert.match(await mailAbout(place, '203.0.113.51'), /Banned 203\.0\.113\.51 for 1[01] minutes/)
    assert.ok((host.banned().get('203.0.113.51') ?? 0) > 500)
    run.scan(GATEWAY)
    const spared = await mailAbout(place, GATEWAY)
    assert.match(spared, /Nothing was banned/)
    assert.match(spared, /never bans 198\.51\.100\.1 \(gateway/)
    await run.until(async () => (await run.bans()).bans[0]?.applied.length === 1, 'the host to confirm')
    const [listed] = (await run.bans()).bans
    assert.deepEqual(
      [listed?.subject, listed?.hosts, listed?.applied.length, listed?.missing],
      ['203.0.113.51', 1, 1, []],
    )
    assert.deepEqual([...host.banned().keys()], ['203.0.113.51'])
  })

  test('keeps its bans with the time that remains over a kill, though the firewall was flushed meanwhile', async () => {
    const { host, run } = newPlace()
    await run.started()
    await run.ask('bans', 'enable', '--yes')
    await run.ask('ban', '203.0.113.60', '--for', '10m', '--why', 'test')
    await run.until(() => host.banned().has('203.0.113.60'), 'the ban')
    await run.kill()
    assert.ok(host.banned().has('203.0.113.60'), 'the kernel keeps it')
    host.nft('flush', 'ruleset')
    await run.started()
    await run.until(() => host.banned().has('203.0.113.60'), 'the ban to be back')
    assert.ok((host.banned().get('203.0.113.60') ?? 0) <= 600)
    await run.until(async () => (await run.bans()).bans[0]?.applied.length === 1, 'the host to confirm')
    assert.equal((await run.bans()).mode, 'enabled')
    assert.equal(await run.ask('unban', '203.0.113.60'), 'lifted 203.0.113.60\n')
    await run.until(() => !host.banned().has('203.0.113.60'), 'the end of the ban')
  })

  test('killed between keeping a ban and carrying it out, it carries it out once it is back, and tells it once', async () => {
    const place = newPlace()
    const { host, run } = place
    await run.started()
    await run.ask('bans', 'enable', '--yes')
    await run.stop()
    run.scan('203.0.113.65')
    run.start('responder.ban-kept')
    assert.equal(await run.ended(), 'SIGKILL')
    assert.equal(host.banned().size, 0)
    await run.started()
    assert.match(await mailAbout(place, '203.0.113.65'), /Banned 203\.0\.113\.65 for 1[01] minutes/)
    assert.ok(host.banned().has('203.0.113.65'))
    assert.equal(host.mails.length, 1)
  })

  test('by hand: not oneself, not this host, not whom the list allows; the list is read again at SIGHUP', async () => {
    const { host, run, sections } = newPlace()
    await run.started()
    await run.ask('bans', 'enable', '--yes')
    await assert.rejects(run.ask('ban', ADDRESS), /never bans 198\.51\.100\.17 \(own-address/)
    process.env['SSH_CONNECTION'] = `198.51.100.99 50000 ${ADDRESS} 22`
    await assert.rejects(run.ask('ban', '198.51.100.0/24'), /logged in from \(198\.51\.100\.99\)/)
    delete process.env['SSH_CONNECTION']
    for (const last of [70, 71, 72]) await run.ask('ban', `203.0.113.${last}`)
    await run.until(() => host.banned().size === 3, 'the bans')
    assert.match(await run.ask('allow', 'add', '203.0.113.70', '--comment', 'me'), /lifted 203\.0\.113\.70/)
    await run.until(() => host.banned().size === 2, 'the allowed one to be lifted')
    run.configure({ ...sections, allow: ['203.0.113.71'] })
    run.hangUp()
    await run.until(() => !host.banned().has('203.0.113.71'), 'the newly allowed one to be lifted')
    assert.match(
      await run.ask('allow', 'list'),
      /203\.0\.113\.70 {2}me\n203\.0\.113\.71|203\.0\.113\.71.*\n203\.0\.113\.70/,
    )
    assert.deepEqual([...host.banned().keys()], ['203.0.113.72'])
    assert.match(await run.ask('unban', '--all'), /lifted 203\.0\.113\.72/)
    await run.until(() => host.banned().size === 0, 'all bans to be lifted')
  })

  test('bans nothing while its glass is broken, and all again afterwards', async () => {
    const { host, run } = newPlace()
    await run.started()
    await run.ask('bans', 'enable', '--yes')
    await run.ask('ban', '203.0.113.80')
    await run.until(() => host.banned().size === 1, 'the ban')
    inside(host, run, '--lift-all')
    await run.until(() => run.log.includes('HELD BY HAND'), 'the guard to hold')
    await run.ask('ban', '203.0.113.81')
    await run.until(
      async () => (await run.bans()).bans.every(({ refused }) => refused.length === 1),
      'refusals',
    )
    assert.equal(host.banned().size, 0)
    inside(host, run, '--resume')
    await run.until(() => host.banned().size === 2, 'both bans')
    assert.equal(await run.stop(), 0)
    assert.equal(host.banned().size, 2, 'bans outlive the guard, and end by themselves')
  })

  test('without the right to ban it says so and why, and every mail says that it would have banned', async () => {
    const place = newPlace(['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'])
    const { host, run } = place
    await run.started()
    assert.match(run.log, /DRY RUN: nothing can be banned on this host \(nftables: /)
    await run.ask('bans', 'enable', '--yes')
    run.scan('203.0.113.90')
    const mail = await mailAbout(place, '203.0.113.90')
    assert.match(mail, /Would have banned 203\.0\.113\.90/)
    assert.match(mail, /this host cannot ban/)
    assert.equal(host.nft('list', 'ruleset'), '')
  })
})

/** As an admin of that host would. */
function inside(host: OwnHost, run: RunProcess, flag: string): void {
  const [file = '', ...before] = host.inside
  const args = [...before, process.execPath, PICKET_MAIN, 'enforcer', flag, '--config', run.config]
  const ended = spawnSync(file, args, { encoding: 'utf8' })
  assert.equal(ended.status, 0, ended.stderr)
}
