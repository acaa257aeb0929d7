import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PICKET_MAIN } from '../places.ts'
import { Reply, type Smtp, startSmtp } from './smtp.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-notify-'))
const file = join(folder, 'picket.yaml')
let smtp: Smtp
/** No server of a package lets such words through. */
const rude = createServer((socket) => void socket.end('554 5.7.1 \u001b[31mno\u009b\u202e\r\n'))
before(async () => {
  smtp = await startSmtp()
  const mail = { type: 'mail', from: 'picket@example.net', to: ['admin@example.net'], insecure: true }
  rude.listen(0, '127.0.0.1')
  await once(rude, 'listening')
  const { port } = rude.address() as AddressInfo
  const channels = {
    ops: { ...mail, host: '127.0.0.1', port: smtp.port },
    rude: { ...mail, host: '127.0.0.1', port },
  }
  writeFileSync(file, JSON.stringify({ channels }))
})
after(async () => {
  await smtp.stop()
  rude.close()
  rmSync(folder, { recursive: true })
})

function notifyTest(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [PICKET_MAIN, 'notify', 'test', '--config', file, ...args]
    const child = execFile(process.execPath, command, (_, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

test('a sample is sent, and what the server said is printed', async () => {
  const { status, stdout } = await notifyTest('ops')
  assert.deepEqual([status, stdout], [0, 'ops (mail): 250 2.0.0 Ok: queued as 1\n'])
  const { parsed } = smtp.mails[0] ?? assert.fail()
  assert.match(parsed.subject ?? '', /^\[picket\] sample: level 3/)
  assert.match(parsed.text ?? '', /This is a sample/)
})

test('two samples are two mails to whoever compares', async () => {
  await notifyTest('ops')
  await notifyTest('ops')
  const [a, b] = smtp.mails.slice(-2)
  assert.notEqual(a?.parsed.messageId, b?.parsed.messageId)
})

test('a refusal is exit status 1, with the words of the server', async () => {
  smtp.script = { data: () => new Reply(554, '5.7.1 no') }
  const { status, stdout } = await notifyTest('ops')
  assert.equal(status, 1)
  assert.match(stdout, /^ops \(mail\): failed, refused: .*5\.7\.1 no\n {2}it would not be tried again\n$/)
  const json = JSON.parse((await notifyTest('ops', '--json')).stdout)
  assert.deepEqual([json.channel, json.ok, json.reason, json.retryable], ['ops', false, 'refused', false])
})

test('what a server says moves no cursor, and a refused connection is not a refused mail', async () => {
  const { status, stdout } = await notifyTest('rude')
  assert.equal(status, 1)
  assert.match(
    stdout,
    /^rude \(mail\): failed, busy: 554 5\.7\.1 \\x1b\[31mno.*\n {2}it would be tried again\n$/,
  )
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /\p{C}/u)
})

test('a channel that is not there is wrong use, and those that are there are named', async () => {
  const { status, stderr } = await notifyTest('constructor')
  assert.equal(status, 2)
  assert.match(stderr, /no channel is named constructor\n.*there are: ops/)
})
