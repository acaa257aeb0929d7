/**
 * `picket topics check`: each difference between the topics and the configuration, and what to do about it.
 */
import type { TopicFlags } from '../commands/topics.ts'
import { EXIT } from '../failures.ts'
import { printDifference } from './differences.ts'
import { compareTopics, print, printJson, withTopics } from './open.ts'

export async function checkTopics(flags: TopicFlags): Promise<number> {
  const compared = await withTopics(flags.config, compareTopics)
  const differences = compared.flatMap((topic) => topic.differences)
  if (flags.json === true) printJson({ differences })
  else if (differences.length === 0) print(`${compared.length} topics: well`)
  else for (const difference of differences) print(printDifference(difference))
  return differences.length === 0 ? EXIT.well : EXIT.findings
}
