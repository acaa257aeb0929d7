/**
 * The fleet's allowlist at a host: it protects against any ban, however well signed, and against nothing else can it be turned.
 */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { newSigningKey, type SigningKey, signAllowlist } from '@picket/runtime/bans'
import { MESSAGES } from '@picket/schemas/messages'
import { Bed, pinned, until } from './bed.ts'
import { KeptKernel } from './kept-kernel.ts'

let bed: Bed
afterEach(() => bed.close())

interface ListOptions {
  readonly revision?: number
  readonly key?: SigningKey
  /** Seconds from now; 0 is for ever. */
  readonly seconds?: number
}

function list(
  networks: readonly string[],
  { revision = 1, key = bed.key, seconds = 0 }: ListOptions = {},
): Uint8Array {
  const end = seconds === 0 ? 0 : bed.brokerNow() + seconds * 1_000
  const entries = networks.map((network) => ({
    network,
    until: end,
    comment: 'a partner',
    from: 'command',
    by: 'alice',
  }))
  return signAllowlist({ entries, revision }, key)
}

const ALLOWED = 'refused allowlisted-centrally'

test('whom the fleet allows is not banned here, whatever is signed, and what is banned of them is lifted at once', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.start(kernel)
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.publish(list(['203.0.113.0/28', '2001:db8:1::/48']))
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  assert.deepEqual(kernel.subjects(), [])
  await bed.untilOutcome('allowlist', 'applied')
  for (const subject of ['203.0.113.2', '2001:db8:1:2::/64', '203.0.113.0/24']) {
    await bed.ban(subject, 600)
    await bed.untilOutcome(subject, ALLOWED)
  }
  await bed.ban('203.0.113.99', 600)
  await bed.untilOutcome('203.0.113.99', 'applied')
  assert.deepEqual(kernel.subjects(), ['203.0.113.99'])
})

test('an entry that is taken off protects no longer, and one that has ended does not either', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  await bed.publish(list(['203.0.113.1', '203.0.113.2']), list(['203.0.113.3'], { revision: 2, seconds: -5 }))
  for (const subject of ['203.0.113.1', '203.0.113.3']) await bed.ban(subject, 600)
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', 'applied')
  await bed.untilOutcome('203.0.113.3', 'applied')
})

test('an old list that comes again is refused, also after a restart and when the topic was compacted meanwhile', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const empty = list([], { revision: 1 })
  await bed.publish(empty, list(['203.0.113.1'], { revision: 2 }))
  await bed.start(kernel)
  await bed.publish(empty)
  await bed.untilOutcome('allowlist', 'refused revision-old')
  await bed.stop()
  bed.queue.trim('bans', 0, (await bed.queue.extent('bans', 0)).end)
  await bed.publish(empty)
  await bed.ban('203.0.113.1', 600)
  const enforcer = await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  assert.deepEqual(kernel.subjects(), [])
  assert.equal(enforcer.signaturesComputed, 2)
})

test('a host that boots without a broker knows whom the fleet allows', async () => {
  bed = new Bed()
  await bed.publish(list(['203.0.113.1']))
  await bed.start(new KeptKernel())
  await bed.untilOutcome('allowlist', 'applied')
  await bed.stop()
  const kernel = new KeptKernel()
  bed.queue.trim('bans', 0, (await bed.queue.extent('bans', 0)).end)
  await bed.ban('203.0.113.1', 600)
  const enforcer = await bed.start(kernel)
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  assert.equal(enforcer.signaturesComputed, 1, 'the list was remembered, and only the ban verified')
})

test('a list that was forged, or signed by a key that is not pinned or was retired, protects nobody and displaces nothing', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const [stranger, old] = [newSigningKey(), newSigningKey()]
  await bed.start(kernel, {}, pinned([bed.key, 'pinned'], [old, 'retired']))
  await bed.publish(list(['203.0.113.1']))
  await bed.untilOutcome('allowlist', 'applied')
  const forged = list(['203.0.113.2'], { revision: 9 })
  forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
  await bed.publish(forged)
  await bed.untilOutcome('allowlist', 'refused bad-signature')
  await bed.publish(list(['203.0.113.2'], { revision: 10, key: stranger }))
  await bed.untilOutcome('allowlist', 'refused unknown-key')
  await bed.publish(list(['203.0.113.2'], { revision: 11, key: old }))
  await bed.untilOutcome('allowlist', 'refused retired-key')
  await bed.ban('203.0.113.1', 600)
  await bed.ban('203.0.113.2', 600)
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  await bed.untilOutcome('203.0.113.2', 'applied')
})

test('when its key is retired a list goes, and its revision does not stand in the way of the next key’s', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const stolen = newSigningKey()
  const enforcer = await bed.start(kernel, {}, pinned([bed.key, 'pinned'], [stolen, 'pinned']))
  await bed.publish(list(['203.0.113.0/24'], { revision: 2 ** 50, key: stolen }))
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  await enforcer.use(pinned([bed.key, 'pinned'], [stolen, 'retired']), [])
  await bed.untilOutcome('203.0.113.1', 'applied')
  await until(() => enforcer.ready().ok, 'the topic to be read again')
  await bed.publish(list(['203.0.113.1'], { revision: 3 }))
  await bed.untilOutcome('203.0.113.1', ALLOWED)
})

test('a signature under a list is none under a ban, and a list that names no network or ten thousand does no harm', async () => {
  bed = new Bed()
  const kernel = new KeptKernel()
  const signed = list(['nonsense', '__proto__', 'constructor', '203.0.113.1'])
  const { signature, keyId } = decoded(signed)
  const wish = { hosts: [], from: 0, until: bed.brokerNow() + 600_000, why: '' }
  const stolen = MESSAGES.ban.encode({
    subject: '203.0.113.7',
    wishes: [wish],
    revision: 1,
    keyId,
    signature,
  })
  const many = Array.from({ length: 10_000 }, (_, i) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`)
  await bed.publish(signed, stolen)
  await bed.start(kernel)
  await bed.untilOutcome('203.0.113.7', 'refused bad-signature')
  await bed.ban('203.0.113.1', 600)
  await bed.untilOutcome('203.0.113.1', ALLOWED)
  await bed.publish(list(many, { revision: 2 }))
  await bed.ban('198.18.0.5', 600)
  await bed.ban(many.at(-1) ?? '', 600)
  await bed.untilOutcome('198.18.0.5', ALLOWED)
  await bed.untilOutcome(many.at(-1) ?? '', 'applied')
})

function decoded(bytes: Uint8Array): { readonly signature: Uint8Array; readonly keyId: string } {
  const read = MESSAGES.allowlist.decode(bytes)
  assert.ok(read.ok)
  return read.value
}
