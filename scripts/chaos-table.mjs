/**
 * A node:test reporter: one row of a Markdown table for each test whose title begins with the number of a fault.
 */
async function* chaosTable(events) {
  const rows = []
  for await (const event of events) rows.push(...rowOf(event))
  rows.sort(([a], [b]) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10))
  yield '\n| fault | what was done, and what must be | result | took |\n| --- | --- | --- | --- |\n'
  for (const row of rows) yield `| ${row.join(' | ')} |\n`
}

const RESULTS = { 'test:pass': 'passed', 'test:fail': '**failed**' }

function rowOf({ type, data }) {
  const [, fault, title] = /^(F\d+b?) (.*)$/.exec(data?.name ?? '') ?? []
  const result = RESULTS[type]
  if (fault === undefined || result === undefined || data.skip !== undefined) return []
  return [[fault, title, result, `${Math.round(data.details.duration_ms / 1_000)} s`]]
}

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter from the default export only
export default chaosTable
