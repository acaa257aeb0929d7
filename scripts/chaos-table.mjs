/**
 * A node:test reporter: one row of a Markdown table for each test whose title begins with the number of a fault.
 */
async function* chaosTable(events) {
  const rows = []
  for await (const { type, data } of events) {
    const [, fault, title] = /^(F\d+b?) (.*)$/.exec(data?.name ?? '') ?? []
    if (fault === undefined || (type !== 'test:pass' && type !== 'test:fail')) continue
    if (data.skip !== undefined) continue
    const seconds = Math.round(data.details.duration_ms / 1_000)
    rows.push([fault, title, type === 'test:pass' ? 'passed' : '**failed**', `${seconds} s`])
  }
  rows.sort(([a], [b]) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10))
  yield '\n| fault | what was done, and what must be | result | took |\n| --- | --- | --- | --- |\n'
  for (const row of rows) yield `| ${row.join(' | ')} |\n`
}

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter from the default export only
export default chaosTable
