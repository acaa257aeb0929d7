#!/usr/bin/env node
/**
 * Writes the pages of docs/ that are made from code, or with --check says which are stale.
 *
 * It runs on the built dist: build first.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { referencePage } from '../packages/cli/dist/src/config/reference.js'
import { metricsPage } from '../packages/cli/dist/src/fleet/metrics-page.js'

const PAGES = [
  ['docs/configuration.md', referencePage],
  ['docs/metrics.md', metricsPage],
]

const isCheck = process.argv.includes('--check')
for (const [name, makePage] of PAGES) {
  const file = new URL(`../${name}`, import.meta.url)
  const page = await makePage()
  if (!isCheck) {
    writeFileSync(file, page)
    console.log(`${name}: written`)
  } else if (read(file) !== page) {
    console.error(`${name} is not what the code says: run "npm run docs" and commit the page`)
    process.exitCode = 1
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
