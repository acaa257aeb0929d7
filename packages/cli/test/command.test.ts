import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { tellFailure, WrongUse } from '../src/failures.ts'
import { VERSION } from '../src/version.ts'
import { Folder, MAIN, picket, scan } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

const COMMANDS = ['analyze', 'explain', 'parse', 'run', 'responder', 'status', 'notify', 'config', 'demo']

test('help names every command, and every command has an example', async () => {
  const { status, stdout } = await picket(['--help'])
  assert.equal(status, 0)
  for (const command of COMMANDS) {
    assert.match(stdout, new RegExp(`^ {2}${command}\\b`, 'm'))
    const help = await picket([command, '--help'])
    assert.equal(help.status, 0)
    assert.match(help.stdout, new RegExp(`Examples?:\\n.*picket ${command}`, 's'))
  }
})

test('the version is that of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  assert.equal(VERSION, manifest.version)
  assert.equal((await picket(['--version'])).stdout, `${VERSION}\n`)
})

test('an unknown command or option is refused with the one that was meant', async () => {
  const command = await picket(['anlyze'])
  assert.deepEqual([command.status, /Did you mean analyze\?/.test(command.stderr)], [2, true])
  const option = await picket(['analyze', '--jsno', '-'])
  assert.deepEqual([option.status, /Did you mean --json\?/.test(option.stderr)], [2, true])
})

test('wrong values of options are refused with what to write', async () => {
  const cases: [string[], RegExp][] = [
    [['analyze', '-', '--top', 'many'], /whole number from 1 up/],
    [
      ['analyze', '-', '--allow', '10.0.0.300'],
      /--allow: "10\.0\.0\.300" is neither an address nor a network/,
    ],
    [['analyze', '-', '--ignore', 'tcp/99999'], /--ignore: port 99999 is above 65535/],
    [['analyze', '-', '--from', 'yesterday'], /--from yesterday: not a time/],
    [['analyze', '-', '--tz', 'Berlin'], /Berlin: no such time zone/],
    [['analyze', '-', '--policy', 'pasd'], /pasd: no such file/],
    [['analyze', '-', '--source', 'web1'], /--source web1: neither an address nor a network/],
    [['explain', 'web1', '-'], /web1 is no address/],
    [['analyze'], /missing required argument/],
  ]
  for (const [args, expected] of cases) {
    const { status, stdout, stderr } = await picket(args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, expected)
    assert.equal(stdout, '')
  }
})

test('all files that cannot be read are told at once, before any is read', async () => {
  const { status, stdout, stderr } = await picket(['analyze', '/nowhere/a.log', folder.path, '-'], scan(3))
  assert.equal(status, 2)
  assert.match(stderr, /a\.log: no such file/)
  assert.match(stderr, /is a directory; name the log files in it/)
  assert.equal(stdout, '')
})

test('a reader that goes away ends the command at once and quietly', async () => {
  const child = spawn(process.execPath, [MAIN, 'parse', '--json', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined)
  child.stdout.once('data', () => child.stdout.destroy())
  child.stdin.end(scan(900).repeat(60))
  const status = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(status, 0)
  assert.equal(stderr, '')
})

test('a fault of our own is short, and has its stack when asked for', () => {
  const fault = new TypeError('x is not a function')
  assert.equal(tellFailure(fault, false).status, 70)
  assert.equal(tellFailure(fault, false).text.split('\n').length, 3)
  assert.match(tellFailure(fault, true).text, /at .*command\.test/)
  assert.deepEqual(tellFailure(new WrongUse('no such file'), false), {
    text: 'picket: no such file\n',
    status: 2,
  })
})

test('parse prints one object for each line, in the order of the lines', async () => {
  const input = `${scan(2)}Nov 23 15:00:00 web1 sshd[1]: hello\n${scan(1).trimEnd()}`
  const { status, stdout } = await picket(['parse', '--json', '-'], input)
  assert.equal(status, 0)
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    rows.map(({ dpt, unparsed }) => dpt ?? unparsed),
    [1, 2, 'not-firewall', 1],
  )
  assert.equal(rows[0]?.['src'], '203.0.113.9')
})

test('parse without --json prints a line for people, hostile text spelled out', async () => {
  const { stdout } = await picket(['parse', '-'], `${scan(1)}\u001b[2J no firewall line\n`)
  assert.match(
    stdout,
    /^\d{4}-11-23 15:00:00 {2}drop +eth0 +203\.0\.113\.9:54609 → 10\.0\.0\.5:1 {2}tcp SYN\n/,
  )
  assert.match(stdout, /^-- not-firewall: \\x1b\[2J no firewall line$/m)
})

test('explain tells each step to the first level, then the turns, then what is missing to the next', async () => {
  const { stdout } = await picket(['explain', '203.0.113.9', '-'], scan(12))
  assert.match(stdout, /probe, contact 1\n +evidence 1\.53 of 4\.50/)
  assert.match(stdout, /→ level 1: vertical scan/)
  assert.match(stdout, /→ level 2: vertical scan/)
  assert.match(stdout, /Level 2, vertical scan, because\n/)
  assert.match(stdout, /Level 3 needs 100 contacts or 20 hosts; it has 12 and 1\./)
})

test('explain says what is missing when there is no level, and when there is no packet', async () => {
  const few = await picket(['explain', '203.0.113.9', '-'], scan(2))
  assert.match(few.stdout, /No level:\n +evidence 3\.06 of 4\.50 from 2 contacts, of which 3 are needed/)
  const none = await picket(['explain', '198.51.100.7', '-'], scan(2))
  assert.match(none.stdout, /There is no packet of this source\./)
})

test('explain as JSON has the steps and the summary', async () => {
  const { stdout } = await picket(['explain', '--json', '203.0.113.9', '-'], scan(12))
  const told = JSON.parse(stdout) as {
    steps: { level: number; isTurn: boolean }[]
    level: number
    summary: string[]
  }
  assert.equal(told.steps.length, 12)
  assert.deepEqual(
    told.steps.filter(({ isTurn }) => isTurn).map(({ level }) => level),
    [1, 2],
  )
  assert.equal(told.level, 2)
})

test('status says what to do when nothing runs', async () => {
  const { status, stderr } = await picket(['status', '--socket', `${folder.path}/none.sock`])
  assert.equal(status, 2)
  assert.match(stderr, /no picket is running at .*none\.sock\n +Start it with "sudo picket run"/)
})

test('the demo runs to its end in a pipe: alerts, the report, and how to go on', async () => {
  const { status, stdout, stderr } = await picket(['demo'])
  assert.equal(status, 0, stderr)
  assert.match(stdout, /level \d 203\.0\.113\.10 vertical_scan/)
  assert.match(stdout, /■■■■· 4 {2}203\.0\.113\.10 {2}vertical scan/)
  assert.match(stdout, /Now this host:\n(?: {2}.*\n)* {2}sudo (?:\.\/)?picket run +watch from now on\n$/)
})

test('explain tells a repeated contact from a new one', async () => {
  const { stdout } = await picket(
    ['explain', '203.0.113.9', '-'],
    scan(1) + scan(1).replace('15:00:00', '15:00:09'),
  )
  assert.match(stdout, /probe, contact 1\n/)
  assert.match(stdout, /… 1 packet, nothing new\n/)
})
