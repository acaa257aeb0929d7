/**
 * The walk that psad's users know, on real packets: written once, for whatever runs Picket. docs/tutorial.md is the same for readers.
 *
 * Each wait is for a condition. That something does *not* happen is asserted only after something later has.
 */
import assert from 'node:assert/strict'
import type { Deployment } from './deployment.ts'
import { type Host, type Place, subjectOf } from './place.ts'
import { BAN, BRIEF } from './sections.ts'
import type { Session } from './session.ts'
import { CUSTOMER, CUSTOMER_6, GATEWAY, type Style } from './street.ts'

/** Scans twice: first he is told of, then he is exempt. */
const TESTER = '203.0.113.66'
const ATTACKER = '203.0.113.77'

/** Another rule set, or another protocol; the bans are short there. */
export interface Variant {
  readonly name: string
  readonly style: Style
  readonly source: string
}

export const VARIANTS: readonly Variant[] = [
  { name: 'UFW', style: 'ufw', source: '203.0.113.81' },
  { name: 'firewalld', style: 'firewalld', source: '203.0.113.82' },
  { name: 'nftables', style: 'nft', source: '203.0.113.83' },
  { name: 'iptables, over IPv6', style: 'iptables', source: '2001:db8:66:86::86' },
]

export class Walk {
  readonly place: Place
  readonly picket: Deployment
  /** The one that is scanned. */
  readonly #first: Host
  #rules: readonly string[] = []

  constructor(place: Place, picket: Deployment) {
    const [first] = place.hosts
    assert.ok(first !== undefined)
    this.place = place
    this.picket = picket
    this.#first = first
  }

  async nothingIsShownYet(): Promise<void> {
    this.#rules = await this.#rulesOfOthers()
    assert.match(await this.picket.ask('status'), /No packet has come yet|There are no lines to read/)
    assert.deepEqual((await this.picket.status()).incidents, [])
    assert.deepEqual(this.picket.mails, [])
  }

  async aScanIsShownAndMailed(): Promise<void> {
    await this.place.scan(TESTER, this.#first)
    await this.picket.until(() => this.picket.mails.length > 0, 'the mail')
    const told = await this.picket.ask('status', '--source', TESTER)
    assert.match(told, /■■■■· 4 {2}203\.0\.113\.66 {2}vertical scan/)
    assert.match(told, /hosts {3}198\.51\.100\.11/)
    const found = await this.picket.found(TESTER)
    assert.deepEqual([found?.level, found?.kinds], [4, ['vertical_scan']])
    assert.ok((found?.portCount ?? 0) >= 750, told)
    const mail = this.picket.readMail(0)
    assert.match(mail.subject, /level 4: vertical scan by 203\.0\.113\.66/)
    assert.match(mail.text, /WHOIS \(AS ITS REGISTRY SAYS\)\n.*\n {4}netname: EXAMPLE-NET/)
    assert.match(mail.text, /abuse contact {8}abuse@example\.org/)
    assert.match(mail.text, /EVIDENCE\n.*"DROP" 203\.0\.113\.66:\d+ -> 198\.51\.100\.11:\d+ tcp SYN/)
    assert.match(mail.text, /Nothing was banned/)
  }

  async theExemptIsLeftAlone(): Promise<void> {
    await this.picket.change({ rules: { assignments: [{ network: TESTER, level: 0 }] } })
    const before = await this.picket.found(TESTER)
    const { ignored } = await this.picket.status()
    const logged = this.#first.linesOf(TESTER)
    await this.place.scan(TESTER, this.#first)
    const lines = this.#first.linesOf(TESTER) - logged
    assert.ok(lines > 750, `${lines} lines`)
    await this.picket.until(
      async () => (await this.picket.status()).ignored >= ignored + lines,
      'the scan to be read and passed over',
    )
    assert.deepEqual(await this.picket.found(TESTER), before)
    assert.equal(this.picket.mails.length, 1)
  }

  async theNextScannerIsBanned(): Promise<void> {
    await this.picket.change({ decisions: { rules: [BRIEF, BAN] } })
    await this.picket.ask('bans', 'enable', '--yes')
    const sessions = await this.#sessions(ATTACKER)
    await this.place.scan(ATTACKER, this.#first)
    await this.#isBanned(ATTACKER)
    assert.ok(await this.#isCutOff(ATTACKER, sessions), 'the ban ended too early')
    // what is left of a minute when the host hears of it
    await this.#theKernelShows(/203\.0\.113\.77 timeout (1m|[1-5]?\ds) expires \d+s/)
    assert.match(await this.picket.ask('bans'), /203\.0\.113\.77 {2}until/)
    await this.picket.until(() => this.picket.mails.length > 1, 'the mail')
    const mail = this.picket.readMail(1)
    assert.match(mail.subject, /203\.0\.113\.77/, 'and nothing was mailed of the exempt')
    assert.match(mail.text, /Banned 203\.0\.113\.77 for 1 minute/)
    await this.#areServed(TESTER)
  }

  /** From the scan to the end of a ban of 5 s. A ban that ran out while we looked is placed once more by hand. */
  async aBriefBan({ source }: Variant, host: Host): Promise<void> {
    const sessions = await this.#sessions(source)
    await this.place.scan(source, host, '1-150')
    await this.#isBanned(source)
    while (!(await this.#isCutOff(source, sessions))) {
      await this.picket.ask('ban', source, '--for', '5s')
      await this.#isBanned(source)
    }
    await this.#isFree(source)
    await this.#areServed(source)
  }

  async theBanEndsAndNothingIsLeft(): Promise<void> {
    for (const host of this.place.hosts) await this.place.setRules(host, 'iptables')
    await this.#isFree(ATTACKER)
    await this.#areServed(ATTACKER)
    for (const host of this.place.hosts) assert.doesNotMatch(await host.bans(), /timeout \d/)
    await this.picket.until(async () => (await this.picket.listed()).length === 0, 'the list to be empty')
    assert.match(await this.picket.ask('bans'), /nobody is banned/)
    assert.deepEqual(await this.#rulesOfOthers(), this.#rules)
  }

  /** He is told by going on, so he does until it is so. */
  async whoGoesOnIsBannedAgain(): Promise<void> {
    await this.picket.until(async () => {
      await this.place.scan(ATTACKER, this.#first, '1-100')
      return this.#first.hasBanned(ATTACKER)
    }, 'the next ban')
    await this.#isBanned(ATTACKER)
    for (const host of this.place.hosts)
      assert.match(await host.bans(), /203\.0\.113\.77 timeout (2m|1m[1-5]?\ds) /)
    assert.match(await this.picket.ask('bans'), /203\.0\.113\.77 .*went on after its ban/)
    await this.picket.ask('unban', ATTACKER)
    await this.#isFree(ATTACKER)
    assert.equal(this.picket.mails.length, 2, 'nothing got worse')
  }

  async unbanByHandIsAtOnce(): Promise<void> {
    await this.picket.ask('ban', ATTACKER, '--for', '1h', '--why', 'the tutorial')
    const sessions = await this.#sessions(CUSTOMER)
    await this.#isBanned(ATTACKER)
    assert.match(await this.picket.ask('unban', ATTACKER), /lifted 203\.0\.113\.77/)
    await this.#isFree(ATTACKER)
    await this.#areServed(ATTACKER)
    for (const session of sessions) session.close()
  }

  async theGatewayIsSpared(): Promise<void> {
    const mails = this.picket.mails.length
    await this.place.scan(GATEWAY, this.#first)
    await this.picket.until(() => this.picket.mails.length > mails, 'the mail')
    const because = (): string | undefined =>
      this.picket.mails.slice(mails).find(({ parsed }) => /a gateway of this host/.test(parsed.text ?? ''))
        ?.parsed.text
    await this.picket.until(() => because() !== undefined, 'the mail that says why')
    assert.match(because() ?? '', /whoever scanned likely did so in its name/)
    for (let at = mails; at < this.picket.mails.length; at++) this.picket.readMail(at)
    await this.picket.until(async () => (await this.picket.unanswered()).length === 0, 'all hosts to refuse')
    await this.picket.ask('bans')
    for (const host of this.place.hosts) assert.doesNotMatch(await host.bans(), /timeout \d/)
    await this.#areServed(CUSTOMER)
    await this.#areServed(CUSTOMER_6)
  }

  async #sessions(from: string): Promise<Session[]> {
    const sessions = this.place.hosts.map((host) => this.place.connect(from, host))
    for (const session of sessions) await session.isServed()
    return sessions
  }

  async #areServed(from: string): Promise<void> {
    for (const session of await this.#sessions(from)) session.close()
  }

  async #isBanned(source: string): Promise<void> {
    for (const host of this.place.hosts)
      await this.picket.until(
        () => host.hasBanned(subjectOf(source)),
        `${source} to be banned on ${host.name}`,
      )
  }

  async #isFree(source: string): Promise<void> {
    for (const host of this.place.hosts)
      await this.picket.until(
        async () => !(await host.hasBanned(subjectOf(source))),
        `${source} to be free on ${host.name}`,
      )
  }

  /** Sessions hang and new ones do not come to be, while others are served. False where the ban ended meanwhile. */
  async #isCutOff(source: string, sessions: readonly Session[]): Promise<boolean> {
    const lost = sessions.map((session) => session.ping())
    const tries = this.place.hosts.map((host) => this.place.connect(source, host))
    // Whatever had got through would have done so before these, which come after.
    for (let i = 0; i < 3; i++) await this.#areServed(source.includes(':') ? CUSTOMER_6 : CUSTOMER)
    const answered = sessions.map((session, at) => session.has(lost[at] ?? ''))
    const connected = tries.map((session) => session.isConnected)
    for (const session of tries) session.close()
    const held = await Promise.all(this.place.hosts.map((host) => host.hasBanned(subjectOf(source))))
    if (held.includes(false)) return false
    assert.deepEqual([answered, connected], [held.map(() => false), held.map(() => false)])
    return true
  }

  async #theKernelShows(line: RegExp): Promise<void> {
    for (const host of this.place.hosts) {
      const set = await host.run('nft', 'list', 'set', 'inet', 'picket', 'block4')
      assert.match(set, line)
      if (host === this.#first) this.picket.tell(`${host.name}# nft list set inet picket block4\n${set}`)
    }
  }

  async #rulesOfOthers(): Promise<string[]> {
    const all = this.place.hosts.map((host) => host.run('nft', '--stateless', 'list', 'ruleset'))
    return (await Promise.all(all)).map((text) => text.replace(/^table inet picket \{.*?^\}\n?/ms, ''))
  }
}
