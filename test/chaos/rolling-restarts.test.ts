/**
 * F5: every process of the fleet is stopped by SIGTERM and started again, one after the other, while traffic flows.
 *
 * A collector that ends must have sent or spooled what it read, a detector what it folded, a responder what it told: nothing is
 * lost, and since each ends in good order, nothing is told twice either.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { differences, packetsOnTopic, total } from '../collector-host.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { picket } from '../picket.ts'
import { waitUntil } from '../services/wait-until.ts'
import { working } from './lives.ts'
import { shareBroker } from './shared-broker.ts'
import { toldIn, worthTelling } from './telling.ts'
import { ALL, sameStory, seeded } from './turmoil.ts'
import { WholeFleet } from './whole-fleet.ts'

const ROUNDS = ALL ? 8 : 1
const LINES_BETWEEN = 100
const shared = shareBroker()

test(`F5 ${ROUNDS} rolling restarts by SIGTERM of every service drain in time, and the same is found and told once`, async () => {
  const whole = await WholeFleet.start(shared(), seeded(5))
  try {
    whole.flow()
    for (let round = 0; round < ROUNDS; round++) {
      for (const one of whole.processes) await restart(whole, one)
    }
    whole.still()
    await allPacketsArrive(whole)
    await whole.fleet.settled()
    await whole.fleet.settledContacts()
    const { story } = await sameStory(whole.fleet)
    await allIsTold(whole)
    await allIsKept(whole, new Set([...story.alerts.values()].map(({ incident }) => incident.id)))
    await allBansAreAnswered(whole)
  } catch (error) {
    const logs = whole.processes.map((one) => one.log().slice(-2_000)).join('\n')
    throw new Error(`${(error as Error).message}\n  the processes said:\n${logs}`, { cause: error })
  } finally {
    await whole.stop()
  }
})

/** With a ban and some traffic before it, during it and after it. */
async function restart(whole: WholeFleet, one: FleetProcess): Promise<void> {
  if (one.command.service === 'detector') await working(one)
  await whole.ban()
  await moreTraffic(whole)
  assert.equal(await one.stop(), 0, one.log())
  assert.doesNotMatch(one.wholeLog(), /not everything came to its end/)
  await whole.ban()
  await moreTraffic(whole)
  one.start()
  await one.ready()
}

async function moreTraffic(whole: WholeFleet): Promise<void> {
  const { written } = whole
  await waitUntil(() => whole.written >= written + LINES_BETWEEN, 'more lines')
}

async function allPacketsArrive(whole: WholeFleet): Promise<void> {
  const { fleet, written } = whole
  const arrived = () => packetsOnTopic(fleet.queue, fleet.topic('packets'))
  let count = 0
  await waitUntil(
    async () => {
      count = total(await arrived())
      return count >= written
    },
    () => `${written} packets; ${count} arrived`,
  )
  const logged = whole.packetsInLogs()
  assert.equal(total(logged), written)
  assert.deepEqual(differences(logged, await arrived()).slice(0, 5), [])
}

/** By one of the responders, and never by both nor in two lives. */
async function allIsTold({ fleet, responders }: WholeFleet): Promise<void> {
  const told = (): string[] => responders.flatMap((one) => toldIn(one.out()))
  let worth = new Set<string>()
  await waitUntil(
    async () => {
      worth = await worthTelling(fleet.queue, fleet.topic('alerts'))
      const ids = new Set(told())
      return worth.size > 0 && [...worth].every((id) => ids.has(id))
    },
    () => `${worth.size} alerts to be told; ${told().length} were`,
  )
  assert.deepEqual(told().sort(), [...worth].sort())
}

interface Status {
  readonly packets: number
  readonly incidents: readonly { readonly id: string }[]
}

/** As whoever asks any of the responders is told. */
async function allIsKept({ responders, written }: WholeFleet, incidents: ReadonlySet<string>): Promise<void> {
  for (const responder of responders) {
    const config = join(responder.command.folder, 'picket.yaml')
    let said = ''
    await waitUntil(
      async () => {
        const ended = await picket(['status', '--json', '--config', config])
        said = ended.stdout.slice(0, 2_000) + ended.stderr
        if (ended.status !== 0) return false
        const status = JSON.parse(ended.stdout) as Status
        const known = new Set(status.incidents.map(({ id }) => id))
        return status.packets === written && [...incidents].every((id) => known.has(id))
      },
      () => `${incidents.size} incidents and ${written} packets in the status; it said:\n${said}`,
    )
  }
}

/** Once each: a dry run refuses. */
async function allBansAreAnswered(whole: WholeFleet): Promise<void> {
  let receipts: string[] = []
  await waitUntil(
    async () => {
      receipts = await whole.receipts()
      return receipts.length >= whole.banned.length
    },
    () => `an answer to each of ${whole.banned.length} bans: ${receipts.join()}`,
  )
  assert.deepEqual(receipts.sort(), whole.banned.map((subject) => `${subject} refused`).sort())
}
