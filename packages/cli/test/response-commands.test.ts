/**
 * The hand tools at their edges: what is asked of a responder, how its answers are said, and that wrong use is status 2 with a sentence.
 *
 * The responder is a control socket with answers of the test; what a real one does is told in test/acceptance/response.test.ts.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ControlRequest, serveControl } from '@picket/runtime'
import { Folder, picket } from './picket.ts'

const folder = new Folder()
const SOCKET = `${folder.path}/responder.sock`
const NONE = `${folder.path}/none.sock`
const asked: ControlRequest[] = []
const END = Date.UTC(2026, 11, 1)
const ENTRY = {
  network: '192.0.2.0/28',
  until: END,
  comment: 'office \u001b[2J',
  from: 'command',
  by: 'alice',
}
const HELD = {
  ...{ hosts: 3, applied: ['web1'], failed: [], missing: ['web2'] },
  refused: [{ host: 'web3', why: 'revision-old: an old allowlist come again' }],
}
const BAN = {
  ...{
    subject: '203.0.113.9',
    since: END - 3_600_000,
    until: END,
    onHosts: ['web1'],
    by: 'hand',
    why: 'noise (by alice)',
  },
  ...{ hosts: 3, applied: ['web1'], refused: [{ host: 'web2', why: 'gateway: the way out' }] },
  ...{ failed: [{ host: 'web3', why: 'no nft' }], missing: ['web4'] },
}
const ANSWERS: Readonly<Record<string, unknown>> = {
  ban: { outcome: 'banned', subject: '203.0.113.9', until: END },
  unban: { lifted: ['203.0.113.9'], handedOver: 2 },
  bans: { mode: 'dry-run', hosts: ['web1'], bans: [BAN] },
  'bans-enable': { mode: 'enabled', inForce: 0 },
  'bans-disable': { mode: 'dry-run', inForce: 3 },
  'allow-add': { entry: ENTRY, lifted: ['192.0.2.5'] },
  'allow-remove': { removed: '192.0.2.0/28' },
  'allow-list': { entries: [ENTRY], held: HELD },
  'allow-check': { subject: '192.0.2.5', entry: ENTRY },
}
let server: { close(): Promise<void> }

before(async () => {
  server = await serveControl(SOCKET, (request) => {
    asked.push(request)
    if (request['subject'] === '198.51.100.66') return { subject: '198.51.100.66', entry: null }
    if (request['subject'] === '198.51.100.77')
      throw new Error('198.51.100.77: not banned: allowed by 198.51.100.0/24')
    return ANSWERS[request.command]
  })
})

after(async () => {
  await server.close()
  folder.remove()
})

async function said(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { status, stdout, stderr } = await picket([...args, '--socket', SOCKET], '', env)
  assert.equal(status, 0, stderr)
  return stdout
}

test('ban asks for the subject, the seconds, the hosts and the reason, and says whose session asks', async () => {
  const env = { SSH_CONNECTION: '198.51.100.9 5000 10.0.0.5 22', SUDO_USER: 'alice' }
  const args = ['ban', '203.0.113.9', '--for', '2d', '--why', 'noise', '--host', 'web1', '--host', 'web2']
  assert.equal(
    await said(args, env),
    'banned 203.0.113.9 until 2026-12-01T00:00:00Z; "picket bans" shows which hosts have done it\n',
  )
  assert.deepEqual(asked.at(-1), {
    ...{ command: 'ban', subject: '203.0.113.9', seconds: 172_800, hosts: ['web1', 'web2'], yes: false },
    ...{ why: 'noise', callerAddress: '198.51.100.9', user: 'alice' },
  })
})

test('unban says what was lifted and what another responder does', async () => {
  assert.equal(
    await said(['unban', '--all']),
    'lifted 203.0.113.9\n2 requests handed over to other responders\n',
  )
  assert.equal(asked.at(-1)?.['all'], true)
})

test('bans shows the mode, the ban with its reason, and each host that has not done it', async () => {
  const text = await said(['bans'])
  assert.match(text, /^dry run: nobody is banned by a rule/)
  assert.match(
    text,
    /203\.0\.113\.9 {2}until 2026-12-01T00:00:00Z {2}on web1 {2}applied on 1 of 3 hosts {2}noise \(by alice\)\n/,
  )
  assert.match(
    text,
    / {2}! not confirmed by web4\n {2}! refused by web2: gateway: the way out\n {2}! failed on web3: no nft\n/,
  )
  const document = JSON.parse(await said(['bans', '--json'])) as { bans: { until: string }[] }
  assert.equal(document.bans[0]?.until, '2026-12-01T00:00:00Z')
})

test('enabling shows who is never banned and does not go on without a yes; disabling says what runs on', async () => {
  const { status, stdout, stderr } = await picket(['bans', 'enable', '--socket', SOCKET])
  assert.equal(status, 2)
  assert.match(stdout, /Never banned by the fleet:\n {2}192\.0\.2\.0\/28/)
  assert.match(stderr, /with --yes/)
  assert.equal(await said(['bans', 'enable', '--yes']), 'bans are enabled\n')
  assert.match(await said(['bans', 'disable']), /3 bans in force will run out; .*picket unban --all/)
})

test('allow says what an entry is, whose, what it lifted and which hosts do not know it; a stranger’s text is harmless', async () => {
  const added = await said(['allow', 'add', '192.0.2.0/28', '--for', '7d', '--comment', 'office'])
  assert.equal(
    added,
    'allowed 192.0.2.0/28 until 2026-12-01T00:00:00Z  office \\x1b[2J  (by alice)\nlifted 192.0.2.5\n',
  )
  assert.equal(asked.at(-1)?.['seconds'], 604_800)
  const listed = await said(['allow', 'list'])
  assert.match(listed, / {2}! not known yet by web2: /)
  assert.match(listed, / {2}! refused by web3: revision-old: an old allowlist come again\n/)
  assert.match(await said(['allow', 'check', '192.0.2.5']), /is never banned: 192\.0\.2\.0\/28/)
  const free = await picket(['allow', 'check', '198.51.100.66', '--socket', SOCKET])
  assert.deepEqual([free.status, /it can be banned/.test(free.stdout)], [1, true])
  assert.equal(await said(['allow', 'remove', '192.0.2.0/28']), '192.0.2.0/28 is allowed no longer\n')
})

test('what the responder refuses is status 2 with its own words', async () => {
  const { status, stdout, stderr } = await picket(['ban', '198.51.100.77', '--socket', SOCKET])
  assert.deepEqual([status, stdout], [2, ''])
  assert.equal(stderr, 'picket: 198.51.100.77: not banned: allowed by 198.51.100.0/24\n')
})

const empty = folder.file('empty.yaml', '')
const broken = folder.file('broken.yaml', 'bans: [\n')
const deaf = folder.file(
  'deaf.yaml',
  JSON.stringify({
    ...{ state: `${folder.path}/state`, metrics: { enabled: false }, kafka: { brokers: ['127.0.0.1:9'] } },
    ...{ redis: { url: 'redis://127.0.0.1:9' } },
    responder: { remote: { listen: '127.0.0.1:0', cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' } },
  }),
)
const MISUSE: readonly (readonly [string, RegExp])[] = [
  ['ban', /missing required argument 'address'/],
  [`ban 203.0.113.9 --for soon --socket ${SOCKET}`, /soon is no duration: write 30s, 10m, 1h or 2d/],
  [`ban 203.0.113.9 --for 0 --socket ${SOCKET}`, /0 is no duration/],
  [
    `ban 203.0.113.9 --socket ${NONE}`,
    /no picket is running at .*\n.*"picket run".*"picket responder" runs.*--socket PATH.*--responder HOST:PORT/,
  ],
  [`ban 203.0.113.9 --config ${broken}`, /broken\.yaml:\d+/],
  [`unban --socket ${SOCKET}`, /whom\? an address or network, or --all/],
  [`unban 203.0.113.9 --all --socket ${SOCKET}`, /whom\? an address or network, or --all/],
  ['bans enabel', /unknown command|too many arguments/],
  [`bans --socket ${NONE}`, /no picket is running at/],
  ['bans --responder nowhere', /nowhere is no responder: write HOST:PORT/],
  ['bans --responder 127.0.0.1:99999 --token-file x', /write HOST:PORT/],
  ['allow', /Usage: picket allow/],
  ['allow add', /missing required argument 'network'/],
  [`allow add 192.0.2.1 --for forever --socket ${SOCKET}`, /forever is no duration/],
  ['decide', /required option '--what-if <rules>' not specified/],
  ['decide --what-if /nowhere/rules.yaml', /rules\.yaml: no such file/],
  [
    `decide --what-if ${empty} --since yesterday --config ${empty}`,
    /yesterday is no duration: write 24h or 7d/,
  ],
  ['keys', /Usage: picket keys/],
  ['keys pin', /missing required argument 'key'/],
  [`keys token a/b --tokens ${folder.path}/tokens`, /a\/b is no name for a token: up to 64 letters/],
  [`keys token alice --revoke --tokens ${folder.path}/tokens`, /holds no token of alice/],
  [`keys token alice --tokens ${folder.path}`, /is a directory/],
  [
    `keys show --private ${empty} --folder ${folder.path}`,
    /can be read by others: chmod 600|holds no private key/,
  ],
  ['notify', /Usage: picket notify/],
  [`notify test ops --config ${empty}`, /no channel is named ops\n.*section channels/],
  ['enforcer --lift-al', /unknown option '--lift-al'.*--lift-all\?/s],
  ['enforcer --config /nowhere/picket.yaml', /picket\.yaml: no such file/],
  [`responder --config ${deaf}`, /responder\.remote: .*no such file/],
  [`explain 203.0.113.9 --socket ${NONE}`, /no picket is running at/],
]

test('wrong use of each of them is status 2 with a sentence that says what to write, and nothing on standard output', async () => {
  const waiting = [...MISUSE]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [line, expected] = next
      const { status, stdout, stderr } = await picket(line.split(' '))
      assert.equal(status, 2, `${line}: ${stderr}`)
      assert.match(stderr, expected, line)
      assert.equal(stdout, '', line)
    }
  }
  await Promise.all([work(), work()])
})

test('a token is printed once and kept as a hash; another of the same name may be made before the first is taken back', async () => {
  const tokens = `${folder.path}/new/tokens`
  const make = (...flags: string[]) => picket(['keys', 'token', 'alice', '--tokens', tokens, ...flags])
  const first = await make()
  assert.match(first.stdout, /^picket_[\w-]{43}\n$/)
  assert.match(first.stderr, /shown this once.*--token-file/)
  const second = JSON.parse((await make('--read', '--json')).stdout) as { token: string; may: string }
  assert.equal(second.may, 'read')
  const { stdout } = await make('--revoke')
  assert.equal(stdout, '2 of alice taken back\n')
})
