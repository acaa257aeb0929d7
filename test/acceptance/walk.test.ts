/**
 * The tutorial, as a test: the walk of docs/tutorial.md on real packets, between network namespaces of its own.
 *
 * On a fleet and on one host at the same time, since most of it is waiting for a ban of a minute to end. It needs root; where a walk
 * cannot be made it is skipped, with the reason. PICKET_TRANSCRIPTS names a folder for what the commands and the mails said.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { REPOSITORY } from '../places.ts'
import { sharedKafka, sharedRedis } from '../services/shared.ts'
import { startSmtp } from '../telling/smtp.ts'
import type { Deployment } from '../walk/deployment.ts'
import { FleetDeployment } from '../walk/fleet-deployment.ts'
import { Place, whyNoWalk } from '../walk/place.ts'
import { notSaid } from '../walk/quoted.ts'
import { RunDeployment } from '../walk/run-deployment.ts'
import { VARIANTS, Walk } from '../walk/walk.ts'
import { Whois } from '../walk/whois.ts'

type Context = Parameters<NonNullable<Parameters<typeof test>[0]>>[0]

describe('the tutorial', { skip: whyNoWalk(), concurrency: true }, () => {
  test('on a fleet of three hosts', async (t) => {
    const servers = [sharedKafka(), sharedRedis(), startSmtp(), Whois.start()] as const
    const [kafka, redis, smtp, whois] = await Promise.all(servers)
    const place = await Place.make('f', 3, [kafka.address])
    const fleet = { kafka: kafka.address, redis: redis.address, smtp, whois }
    try {
      await take(t, place, await FleetDeployment.start(place, fleet))
    } finally {
      await place.end()
      await Promise.all([kafka, redis, smtp, whois].map((server) => server.stop()))
    }
  })

  test('on one host that runs picket run', async (t) => {
    const [smtp, whois] = await Promise.all([startSmtp(), Whois.start()])
    const place = await Place.make('r', 1, [`127.0.0.1:${smtp.port}`, `127.0.0.1:${whois.port}`])
    try {
      await take(t, place, await RunDeployment.start(place, smtp, whois))
    } finally {
      await place.end()
      await Promise.all([smtp, whois].map((server) => server.stop()))
    }
  })
})

async function take(t: Context, place: Place, picket: Deployment): Promise<void> {
  const walk = new Walk(place, picket)
  try {
    await step(t, '1. behind a firewall that drops and logs, status shows nothing yet', () =>
      walk.nothingIsShownYet(),
    )
    await step(
      t,
      '2. nmap of a thousand ports is shown with its level, ports and kind, and is one mail',
      () => walk.aScanIsShownAndMailed(),
    )
    await step(t, '3. assigned the level 0, the same scanner scans again and nothing happens', () =>
      walk.theExemptIsLeftAlone(),
    )
    await step(
      t,
      '4. the next one is banned for a minute: cut off from every host, while others are served',
      () => walk.theNextScannerIsBanned(),
    )
    await t.test('meanwhile, bans of five seconds', { concurrency: true }, (inner) => variants(inner, walk))
    await step(t, '5. the ban ends by itself, and nothing is left behind', () =>
      walk.theBanEndsAndNothingIsLeft(),
    )
    await step(t, '5. who goes on is banned again, for twice as long', () => walk.whoGoesOnIsBannedAgain())
    await step(t, '5. unban by hand does it at once', () => walk.unbanByHandIsAtOnce())
    await step(t, '6. a scan in the name of the gateway bans nobody, and the mail says why', () =>
      walk.theGatewayIsSpared(),
    )
    await step(t, 'and docs/tutorial.md quotes what was said', () => isQuoted(picket))
  } finally {
    keep(t.name, picket)
    await picket.stop()
  }
}

/** A host has one rule set at a time, and no session is to begin while it changes. */
async function variants(t: Context, walk: Walk): Promise<void> {
  const { hosts } = walk.place
  for (let at = 0; at < VARIANTS.length; at += hosts.length) {
    const round = VARIANTS.slice(at, at + hosts.length).flatMap((variant, n) => {
      const host = hosts[n]
      return host === undefined ? [] : [{ variant, host }]
    })
    for (const { variant, host } of round) await walk.place.setRules(host, variant.style)
    const steps = round.map(({ variant, host }) =>
      step(t, `${host.name} with ${variant.name}`, () => walk.aBriefBan(variant, host)),
    )
    await Promise.all(steps)
  }
}

/** After a step that failed none is tried. */
async function step(t: Context, title: string, body: () => Promise<void>): Promise<void> {
  let hasPassed = false
  await t.test(title, async () => {
    await body()
    hasPassed = true
  })
  if (!hasPassed) throw new Error(`the walk ends at "${title}"`)
}

async function isQuoted({ name, transcript }: Deployment): Promise<void> {
  const page = readFileSync(join(REPOSITORY, 'docs/tutorial.md'), 'utf8')
  assert.deepEqual(notSaid(page, name, transcript), [])
}

function keep(title: string, { transcript }: Deployment): void {
  const folder = process.env['PICKET_TRANSCRIPTS']
  if (folder !== undefined) writeFileSync(join(folder, `${title}.txt`), transcript.join('\n'))
}
