/**
 * A node:test reporter for scripts/test: the totals, and each skipped test with its reason, one fact a line.
 *
 * Tests that were cancelled count as failed: a file that hangs must not pass.
 */
const TOTALS = new Map([
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['cancelled', 'failed'],
  ['skipped', 'skipped'],
])

async function* countTests(events) {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for await (const { type, data } of events) {
    if (type === 'test:pass' && data.skip !== undefined) yield `SKIPPED ${data.name}: ${data.skip}\n`
    if (type === 'test:diagnostic' && data.nesting === 0) addTotal(totals, data.message)
  }
  for (const [word, count] of Object.entries(totals)) yield `${word} ${count}\n`
}

function addTotal(totals, message) {
  const [, word, count] = /^(\w+) (\d+)$/.exec(message) ?? []
  const total = TOTALS.get(word)
  if (total !== undefined) totals[total] += Number(count)
}

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter from the default export only
export default countTests
