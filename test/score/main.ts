/**
 * `npm run score -- DIR [--policy P] [--json]`: recall, precision and incidents per attacker over labelled captures.
 *
 * Exit status 1 when a file failed, 2 when truth.json is missing or wrong: a score over half the labels is no score.
 */
import { parseArgs } from 'node:util'
import type { FileScore } from './judge.ts'
import { type Score, scoreFolder } from './score.ts'
import { TruthFault } from './truth.ts'

const USAGE = 'usage: npm run score -- DIR [--policy picket|psad|FILE] [--json]'

function table(score: Score): string {
  const head = ['file', 'expect', 'found', 'level', 'unlisted', 'verdict', 'detail']
  const rows = [head, ...score.files.map(cells)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const figures =
    `recall ${percent(score.recall)}, precision ${percent(score.precision)}, ` +
    `${score.incidentsPerAttacker.toFixed(2)} incidents per attacker found, ${score.failed} files failed`
  return `${lines.join('\n')}\n\n${figures}`
}

function cells(file: FileScore): string[] {
  const found = file.expected === 0 ? '' : `${file.foundOnce}/${file.expected}`
  const unlisted = file.unlisted === 0 ? '' : String(file.unlisted)
  return [file.file, file.expect, found, String(file.level), unlisted, file.verdict, detail(file)]
}

function detail(file: FileScore): string {
  const parts = [
    file.missed.length > 0 ? `missed ${file.missed.join(' ')}` : '',
    file.split.length > 0 ? `more than once ${file.split.join(' ')}` : '',
    file.wrong.length > 0 ? `wrong ${file.wrong.join(' ')}` : '',
    file.tooFew > 0 ? `${file.tooFew} sources left fewer than 3 lines` : '',
    file.kinds.join(','),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, policy: { type: 'string' } },
  })
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) throw new TruthFault(USAGE)
  const score = await scoreFolder(folder, values.policy ?? 'picket')
  console.log(values.json === true ? JSON.stringify(score, undefined, 2) : table(score))
  return score.failed === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`score: ${(error as Error).message}`)
  process.exitCode = error instanceof TruthFault || error instanceof TypeError ? 2 : 70
}
