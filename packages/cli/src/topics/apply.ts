/**
 * `picket topics apply`: makes what is missing, sets what differs, and tells what it must not change.
 */
import type { TopicAdmin } from '@picket/runtime/kafka'
import type { TopicFlags } from '../commands/topics.ts'
import { EXIT } from '../failures.ts'
import { printDifference, printDone } from './differences.ts'
import { type Compared, compareTopics, print, printJson, withTopics } from './open.ts'

/** Exit status 1 where something is left to do by hand. */
export async function applyTopics(flags: TopicFlags): Promise<number> {
  const isDryRun = flags.dryRun === true
  const compared = await withTopics(flags.config, async (topics) => {
    const all = await compareTopics(topics)
    for (const topic of all) {
      if (!isDryRun) await mend(topics.admin, topic)
      if (flags.json !== true) tell(topic, isDryRun)
    }
    return all
  })
  const differences = compared.flatMap((topic) => topic.differences)
  const done = differences.filter(({ isMendable }) => isMendable)
  const left = differences.filter(({ isMendable }) => !isMendable)
  if (flags.json === true) printJson({ dryRun: isDryRun, done, left })
  return left.length === 0 ? EXIT.well : EXIT.findings
}

export async function mend(admin: TopicAdmin, { plan, found, differences }: Compared): Promise<void> {
  const mendable = differences.filter(({ isMendable }) => isMendable)
  if (mendable.length === 0) return
  if (found === undefined) return admin.create(plan)
  const wanted = mendable.map(({ what, wanted: value }) => [what, value] as const)
  await admin.configure(plan.topic, found, Object.fromEntries(wanted))
}

function tell({ plan, differences }: Compared, isDryRun: boolean): void {
  if (differences.length === 0) print(`as it should be: ${plan.topic}`)
  for (const difference of differences) {
    if (!difference.isMendable) print(`not changed: ${printDifference(difference)}`)
    else print(`${isDryRun ? 'would be ' : ''}${printDone(difference)}`)
  }
}
