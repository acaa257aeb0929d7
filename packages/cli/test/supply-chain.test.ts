/** What is installed beside our own code: only what the lock file names, by its hash, and nothing that runs while it is installed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}

const lock = JSON.parse(readFileSync(new URL('../../../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>
}
const installed = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
)
/** Of what runs in production. */
const LICENCES = ['MIT', 'MIT-0', '(MIT OR EUPL-1.1+)', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause']

test('every package that runs is locked by its hash, has a licence that fits, and runs nothing while it is installed', () => {
  const runtime = installed.filter(([, { dev }]) => dev !== true)
  assert.ok(runtime.length > 20)
  for (const [path, { integrity, license, hasInstallScript }] of runtime) {
    assert.match(integrity ?? '', /^sha512-/, path)
    assert.ok(LICENCES.includes(license ?? ''), `${path}: ${license}`)
    assert.notEqual(hasInstallScript, true, path)
  }
})

test('no package at all runs a script while it is installed, and none but optional builds of tools lacks a hash', () => {
  for (const [path, { integrity, hasInstallScript, optional, dev }] of installed) {
    assert.notEqual(hasInstallScript, true, path)
    if (integrity === undefined) assert.ok(optional === true && dev === true, path)
  }
})
