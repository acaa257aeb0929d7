/**
 * Names that every object of JavaScript has: whoever chooses a log prefix, a host name or an interface may choose one of these.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { blindHosts, Confirmations, FleetBook, versionsOf } from '@picket/responder'
import { ConfigRefused, printFault } from '../src/config/fault.ts'
import { loadConfig } from '../src/config/load.ts'
import { Folder, logLine, picket } from './picket.ts'

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']

const folder = new Folder()
after(() => folder.remove())

/** A scan of each name's making: its log prefix, its reporter, its interface. */
const LOG = NAMES.flatMap((name, at) =>
  Array.from({ length: 20 }, (_, port) =>
    logLine({
      at: `15:0${at}:${String(port).padStart(2, '0')}`,
      source: `203.0.113.${at + 1}`,
      port: port + 1,
      prefix: `${name} `,
    })
      .replace(' web1 ', ` ${name} `)
      .replace('IN=eth0', `IN=${name}`),
  ),
).join('')

test('a log prefix, a host and an interface with such a name are names like any other, from the line to the report', async () => {
  const { status, stdout, stderr } = await picket(['analyze', '--json', '--top', '20', '-'], LOG)
  assert.equal(status, 0, stderr)
  const document = JSON.parse(stdout) as {
    incidents: { source: string; reporters: string[] }[]
    top: { prefixes: { prefix: string }[] }
  }
  const reporters = document.incidents.map(({ source, reporters: [reporter] }) => `${source} ${reporter}`)
  assert.deepEqual(
    reporters.sort(),
    NAMES.map((name, at) => `203.0.113.${at + 1} ${name}`),
  )
  assert.deepEqual(document.top.prefixes.map(({ prefix }) => prefix.trim()).sort(), [...NAMES].sort())
  const parsed = await picket(['parse', '--json', '-'], LOG)
  const rows = parsed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    [rows[0]?.['reporter'], rows[0]?.['in'], rows[0]?.['verdict']],
    ['__proto__', '__proto__', 'unknown'],
  )
  assert.equal((await picket(['analyze', '-'], LOG)).status, 0)
})

test('a configuration with such a key is refused, and has no other effect', async () => {
  for (const name of NAMES) {
    for (const text of [`${name}: {level: debug}\n`, `log:\n  ${name}: {level: debug}\n`]) {
      const refused = await loadConfig(folder.file('picket.yaml', text)).catch((error: unknown) => error)
      assert.ok(refused instanceof ConfigRefused, text)
      assert.match(refused.faults.map(printFault).join(), new RegExp(`${name}: unknown key`))
    }
  }
  assert.equal(({} as Record<string, unknown>)['level'], undefined)
})

test('a host that says it is called so is a host like any other, to the fleet and to its bans', () => {
  const confirmations = new Confirmations()
  const book = new FleetBook()
  for (const name of NAMES) {
    confirmations.heartbeat(name, { lastHeard: 1_000, everyMs: 1_000, isRunning: true })
    const heartbeat = { started: 0, everyMs: 1_000, state: 'running', faults: [], numbers: {} }
    const process = { service: 'collector', instance: name, reporter: name, version: name, time: 1_000 }
    book.hear({ ...process, heartbeat }, 1_000)
    confirmations.answer(name, name, { revision: 1, outcome: 'applied', why: '' })
  }
  assert.deepEqual([...confirmations.hosts(1_500)].sort(), [...NAMES].sort())
  const wishes = [{ hosts: ['__proto__', 'web1'], from: 0, until: 9_000, why: '' }]
  const { applied, missing } = confirmations.of({ subject: '__proto__', revision: 1, wishes }, 1_500)
  assert.deepEqual([applied, missing], [['__proto__'], []])
  assert.deepEqual(confirmations.of({ subject: 'valueOf', revision: 1, wishes }, 1_500).missing, [
    '__proto__',
  ])
  book.keep()
  const blind = blindHosts(book.all, 9_000, 0).map(({ reporter }) => reporter)
  assert.deepEqual(blind.sort(), [...NAMES].sort())
  assert.deepEqual(Object.keys(versionsOf(book.all)).sort(), [...NAMES].sort())
  assert.equal(({} as Record<string, unknown>)['revision'], undefined)
})
