/**
 * Control from elsewhere: the command as a user runs it against a TLS listener, with real certificates. The listener is that of the
 * responder; what is behind it is told in response.test.ts.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import {
  askRemoteControl,
  type ControlCaller,
  type ControlError,
  type ControlRequest,
  newToken,
  type RemoteControl,
  type RemoteControlSettings,
  type RemoteOutcome,
  serveRemoteControl,
} from '@picket/runtime'
import { type Ended, picket } from '../picket.ts'
import { type Authority, makeAuthority } from '../services/certificates.ts'
import { waitUntil } from '../services/wait-until.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'picket-remote-'))
const TOKENS = join(FOLDER, 'tokens')
const alice = newToken('alice', 'act')
const reader = newToken('reader', 'read')

let authority: Authority
let settings: RemoteControlSettings
let remote: RemoteControl
const asked: { readonly request: ControlRequest; readonly caller: ControlCaller }[] = []
const ended: { readonly outcome: RemoteOutcome; readonly who: string | undefined }[] = []
const unusable: string[] = []
let certificates = 0

before(async () => {
  authority = makeAuthority(join(FOLDER, 'ca'))
  const { cert, key } = authority.issue('responder')
  chmodSync(key, 0o600)
  writeFileSync(TOKENS, `${alice.line}\n${reader.line}\n`, { mode: 0o600 })
  file('alice', alice.token)
  file('reader', reader.token)
  file('stranger', newToken('alice', 'act').token)
  settings = { host: '127.0.0.1', port: 0, cert, key, tokens: TOKENS, connections: 32, perMinute: 1_000 }
  remote = await serve(settings)
})

after(async () => {
  await remote?.close()
  rmSync(FOLDER, { recursive: true })
})

function serve(with_: RemoteControlSettings): Promise<RemoteControl> {
  return serveRemoteControl(with_, {
    handle: (request, caller) => {
      asked.push({ request, caller })
      return { mode: 'dry-run', hosts: [], bans: [], outcome: 'banned', subject: '203.0.113.9', until: 0 }
    },
    isReading: (command) => command === 'bans',
    listener: {
      ended: (outcome, _, who) => void ended.push({ outcome, who }),
      unusable: ({ message }) => void unusable.push(message),
      certificateChanged: () => void certificates++,
    },
  })
}

function file(name: string, text: string, mode = 0o600): string {
  const path = join(FOLDER, name)
  writeFileSync(path, `${text}\n`)
  chmodSync(path, mode)
  return path
}

function ask(
  args: readonly string[],
  token = 'alice',
  host = '127.0.0.1',
  port = remote.port,
): Promise<Ended> {
  const place = ['--responder', `${host}:${port}`, '--ca', authority.cert]
  return picket([...args, ...place, '--token-file', join(FOLDER, token)])
}

/** `answered`, or why not. */
async function call(token: string, by: Authority = authority, port = remote.port): Promise<string> {
  try {
    await askRemoteControl(
      { host: '127.0.0.1', port, ca: readFileSync(by.cert, 'utf8'), token },
      { command: 'bans' },
    )
    return 'answered'
  } catch (error) {
    return (error as ControlError).reason
  }
}

test('a command is answered over TLS for a token, and says whose it was and from where', async () => {
  process.env['SSH_CONNECTION'] = '198.51.100.9 50000 10.0.0.5 22'
  const { status, stdout, stderr } = await ask(['ban', '203.0.113.9', '--why', 'noise'], 'alice', 'localhost')
  delete process.env['SSH_CONNECTION']
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^banned 203\.0\.113\.9/)
  const last = asked.at(-1)
  assert.deepEqual(last?.caller, { kind: 'token', name: 'alice', address: '127.0.0.1' })
  assert.equal(last?.request['callerAddress'], '198.51.100.9')
  assert.equal(last?.request['token'], undefined)
})

test('a token that may only read sees, and changes nothing', async () => {
  assert.match((await ask(['bans'], 'reader')).stdout, /dry run/)
  const count = asked.length
  const { status, stderr } = await ask(['ban', '203.0.113.9'], 'reader')
  assert.equal(status, 2)
  assert.match(stderr, /the token of reader may only read/)
  assert.equal(asked.length, count)
})

test('each way in which it fails says what to do, and neither the token nor its hash', async (context) => {
  const other = makeAuthority(join(FOLDER, 'other'))
  const named = authority.issue('elsewhere', 'DNS:elsewhere.example.net')
  chmodSync(named.key, 0o600)
  const misnamed = await serve({ ...settings, ...named })
  context.after(() => misnamed.close())
  const plain = createServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1')
  context.after(() => plain.close())
  await once(plain, 'listening')
  const plainPort = (plain.address() as { port: number }).port
  const place = (port: number, ca: string, token: string): string[] => [
    ...['bans', '--responder', `127.0.0.1:${port}`, '--ca', ca, '--token-file', join(FOLDER, token)],
  ]
  file('open', alice.token, 0o644)
  const cases: [readonly string[], RegExp][] = [
    [
      place(remote.port, other.cert, 'alice'),
      /not signed by an authority that is trusted here\n.*--ca FILE/s,
    ],
    [
      place(misnamed.port, authority.cert, 'alice'),
      /its certificate is for another name\n.*a name that its certificate has/s,
    ],
    [place(remote.port, authority.cert, 'stranger'), /does not know this token\n.*picket keys token NAME/s],
    [place(1, authority.cert, 'alice'), /nobody can be reached at 127\.0\.0\.1:1 .*\n.*responder\.remote/s],
    [place(plainPort, authority.cert, 'alice'), /does not speak TLS 1\.3.*\n.*--responder HOST:PORT/s],
    [place(remote.port, authority.cert, 'open'), /can be read by others: chmod 600/],
    [place(remote.port, authority.cert, 'missing'), /missing: no such file/],
    [place(remote.port, '/nowhere/ca.pem', 'alice'), /ca\.pem: no such file/],
    [['bans', '--responder', '127.0.0.1', '--token-file', join(FOLDER, 'alice')], /write HOST:PORT/],
    [['bans', '--responder', '127.0.0.1:1'], /wants a token: --token-file FILE.*\n.*picket keys token NAME/s],
    [
      ['status', ...place(remote.port, other.cert, 'alice').slice(1)],
      /not signed by an authority that is trusted here/,
    ],
  ]
  const count = asked.length
  for (const [args, expected] of cases) {
    const { status, stdout, stderr } = await picket(args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, expected)
    assert.ok(!`${stdout}${stderr}`.includes('picket_'), stderr)
    assert.ok(!`${stdout}${stderr}`.includes(alice.line.split('sha256:')[1] ?? ''))
  }
  assert.equal(asked.length, count)
})

test('no environment variable makes it trust whoever answers', async () => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  const other = makeAuthority(join(FOLDER, 'third'))
  const place = ['--responder', `127.0.0.1:${remote.port}`, '--token-file', join(FOLDER, 'alice')]
  const { status, stderr } = await picket(['bans', ...place, '--ca', other.cert])
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  assert.equal(status, 2)
  assert.match(stderr, /not signed by an authority/)
})

test('what does not speak TLS 1.3 gets no answer, and is counted', async () => {
  const plain = createConnection(remote.port, '127.0.0.1')
  plain.on('error', () => undefined)
  let said = ''
  plain.setEncoding('latin1').on('data', (text: string) => {
    said += text
  })
  plain.write(`${JSON.stringify({ protocol: 1, command: 'bans', token: alice.token })}\n`)
  await once(plain, 'close')
  assert.ok(!said.includes('protocol'), said)
  const old = connect({
    port: remote.port,
    host: '127.0.0.1',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  })
  await assert.rejects(once(old, 'secureConnect'))
  await waitUntil(
    () => ended.filter(({ outcome }) => outcome === 'no-handshake').length >= 2,
    'both to be counted',
  )
})

test('a token taken back holds no longer, one added holds at once, and without the file nobody gets in', async () => {
  const bob = newToken('bob', 'act')
  assert.equal(await call(bob.token), 'denied')
  writeFileSync(TOKENS, `${bob.line}\n${reader.line}\n`)
  assert.deepEqual([await call(bob.token), await call(alice.token)], ['answered', 'denied'])
  writeFileSync(TOKENS, `spoilt\n${reader.line}\n`)
  assert.deepEqual([await call(bob.token), await call(reader.token)], ['denied', 'answered'])
  assert.ok(unusable.some((text) => text.includes('line 1')))
  rmSync(TOKENS)
  assert.equal(await call(reader.token), 'denied')
  writeFileSync(TOKENS, `${alice.line}\n${reader.line}\n`, { mode: 0o600 })
})

test('a new certificate is taken without a restart, and half of one leaves the old in place', async () => {
  const next = makeAuthority(join(FOLDER, 'next'))
  const pair = next.issue('responder')
  copyFileSync(pair.cert, settings.cert)
  assert.equal(await call(alice.token), 'answered')
  assert.ok(unusable.length > 0)
  copyFileSync(pair.key, settings.key)
  assert.equal(await call(alice.token, next), 'answered')
  assert.equal(await call(alice.token), 'untrusted')
  assert.equal(certificates, 1)
  authority = next
})

test('nonsense, a request without end and one that says another’s name stop nothing', async () => {
  const talk = async (text: string): Promise<string> => {
    const socket = connect({ port: remote.port, host: '127.0.0.1', rejectUnauthorized: false })
    let said = ''
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (piece: string) => {
      said += piece
    })
    socket.write(text)
    await once(socket, 'close')
    return said
  }
  assert.match(await talk('nonsense\n'), /this is no request/)
  assert.match(await talk('null\n'), /"ok":false/)
  assert.equal(await talk('x'.repeat(200_000)), '')
  for (const { token } of [reader, alice]) {
    const command = { toString: 1, valueOf: 1 }
    assert.match(await talk(`${JSON.stringify({ protocol: 1, token, command })}\n`), /this is no request/)
  }
  const line = JSON.stringify({ protocol: 1, command: 'ban', token: alice.token, who: 'root', user: 'root' })
  await talk(`${line}\n`)
  assert.deepEqual(asked.at(-1)?.caller, { kind: 'token', name: 'alice', address: '127.0.0.1' })
  assert.equal(await call(alice.token), 'answered')
  assert.ok(ended.some(({ outcome }) => outcome === 'too-large'))
})

test('one address can neither call as often as it likes nor hold as many connections as it likes', async (context) => {
  const busy = await serve({ ...settings, perMinute: 3 })
  context.after(() => busy.close())
  const calls = await Promise.all(Array.from({ length: 8 }, () => call(alice.token, authority, busy.port)))
  assert.deepEqual([...new Set(calls)].sort(), ['answered', 'broken'])
  assert.equal(calls.filter((outcome) => outcome === 'answered').length, 3)
  const held = Array.from({ length: 20 }, () => createConnection(remote.port, '127.0.0.1'))
  await Promise.race(
    held.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    ),
  )
  for (const socket of held) socket.destroy()
  await waitUntil(async () => (await call(alice.token)) === 'answered', 'the address to be let in again')
})

test('a listener that nobody could use does not start: no token, a key for all eyes, two halves of two pairs', async () => {
  const empty = file('empty', '# nobody')
  await assert.rejects(serve({ ...settings, tokens: empty }), /picket keys token NAME/)
  await assert.rejects(serve({ ...settings, tokens: join(FOLDER, 'none') }), /no such file/)
  const { key } = authority.issue('third')
  chmodSync(key, 0o600)
  await assert.rejects(serve({ ...settings, key }), /key values mismatch/i)
  chmodSync(key, 0o644)
  await assert.rejects(serve({ ...settings, key }), /can be read by everybody/)
})
