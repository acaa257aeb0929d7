import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { MailSettings } from '@picket/responder/main'
import { ConfigRefused } from '../src/config/fault.ts'
import { type Loaded, loadConfig } from '../src/config/load.ts'
import { mailBudget } from '../src/config/mail-budget-schema.ts'
import { operationalChannels } from '../src/config/operational-channels.ts'
import { effectiveValues } from '../src/config/show.ts'
import { openChannels } from '../src/notify/channels.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-channels-config-'))
after(() => rmSync(folder, { recursive: true }))

function load(config: object): Promise<Loaded> {
  const file = join(folder, 'picket.yaml')
  // JSON is YAML
  writeFileSync(file, JSON.stringify(config))
  return loadConfig(file)
}

async function faultsOf(config: object): Promise<string[]> {
  try {
    await load(config)
  } catch (error) {
    if (error instanceof ConfigRefused) return error.faults.map(({ path, message }) => `${path}: ${message}`)
    throw error
  }
  return []
}

const MAIL = { type: 'mail', from: 'Picket <picket@example.net>', to: ['admin@example.net'] }

test('without channels nobody is told, and the budget is that of the planner', async () => {
  const { config } = await loadConfig(undefined)
  assert.deepEqual(config.channels, {})
  assert.deepEqual(mailBudget(config.mailBudget), {
    perHour: 10,
    digestAfter: 2,
    gatherMs: 60_000,
    digestEveryMs: 900_000,
  })
})

test('every type of channel can be written, opened, and has a name of the admin’s', async () => {
  const url = 'https://hooks.example.net/x'
  const channels = {
    ops: MAIL,
    hook: { type: 'webhook', url },
    slack: { type: 'slack', urlFile: '/run/secrets/slack' },
    pager: { type: 'pagerduty', routingKeyFile: '/run/secrets/pager' },
    am: { type: 'alertmanager', url: 'http://127.0.0.1:9093', insecure: true, allow: ['127.0.0.1'] },
    log: { type: 'syslog' },
    siem: { type: 'ecs', path: '/var/log/picket.ecs' },
    lake: { type: 'ocsf', path: '-' },
    dshield: { type: 'dshield', from: 'picket@example.net' },
    out: { type: 'stdout', format: 'json' },
    fix: { type: 'script', command: ['/usr/local/bin/on-scan', 'SRCIP'] },
  }
  const { config } = await load({ channels })
  const opened = openChannels(config.channels)
  assert.deepEqual(
    opened.map(({ name, type }) => [name, type]),
    Object.entries(channels).map(([name, { type }]) => [name, type]),
  )
  assert.deepEqual(operationalChannels(config.channels), ['ops', 'hook', 'slack', 'pager', 'am'])
  await Promise.all(opened.map((channel) => channel.close()))
})

test('a fault in a channel is told with its place, and what was probably meant', async () => {
  assert.deepEqual(await faultsOf({ channels: { ops: { ...MAIL, host: 'mx', prot: 25 } } }), [
    'channels.ops.prot: unknown key; did you mean "port"?',
  ])
  assert.match(
    (await faultsOf({ channels: { ops: { type: 'mial' } } })).join(),
    /channels\.ops\.type: .*did you mean "mail"/,
  )
  assert.match((await faultsOf({ channels: { '1 x': MAIL } })).join(), /is no name: a letter/)
  assert.match((await faultsOf({ channels: { ops: { ...MAIL, to: [] } } })).join(), /^channels\.ops\.to: /)
})

test('an address of mail carries nothing else', async () => {
  for (const from of ['a@b\r\nBcc: c@d', 'a@b, c@d', 'a b@c', '"x" <a@b>', 'nobody', 'a@b>']) {
    assert.notDeepEqual(await faultsOf({ channels: { ops: { ...MAIL, from } } }), [], from)
  }
  for (const from of ['a@b', 'root@localhost', 'Picket on mon1 <a+b@c.example>']) {
    assert.deepEqual(await faultsOf({ channels: { ops: { ...MAIL, from } } }), [], from)
  }
})

test('a password needs its user, its server and a connection that nobody else can read', async () => {
  const login = { ...MAIL, host: 'mx.example.net', username: 'u', passwordFile: '/run/secrets/mx' }
  assert.deepEqual(await faultsOf({ channels: { ops: login } }), [])
  assert.match(
    (await faultsOf({ channels: { ops: { ...login, insecure: true } } })).join(),
    /ops\.insecure: would send the password/,
  )
  assert.deepEqual(await faultsOf({ channels: { ops: { ...login, host: '127.0.0.1', insecure: true } } }), [])
  assert.match(
    (await faultsOf({ channels: { ops: { ...login, passwordFile: undefined } } })).join(),
    /needs a passwordFile/,
  )
  assert.match((await faultsOf({ channels: { ops: { ...login, host: undefined } } })).join(), /needs a host/)
})

test('plain http and addresses that are not public have to be asked for', async () => {
  const hook = (more: object): object => ({ channels: { hook: { type: 'webhook', ...more } } })
  assert.match((await faultsOf(hook({ url: 'http://hooks.example.net' }))).join(), /insecure: true/)
  assert.match((await faultsOf(hook({ url: 'https://169.254.169.254/' }))).join(), /no public address/)
  assert.match((await faultsOf(hook({ url: 'https://[::1]/' }))).join(), /no public address/)
  assert.deepEqual(await faultsOf(hook({ url: 'https://10.0.0.1/', allow: ['10.0.0.0/8'] })), [])
  assert.match(
    (await faultsOf(hook({ url: 'https://u:p@hooks.example.net/' }))).join(),
    /without user and password/,
  )
  assert.match(
    (await faultsOf(hook({ url: 'https://x.example', allow: ['inside'] }))).join(),
    /must be an address or a network/,
  )
})

test('what holds is shown key by key, also of a channel', async () => {
  const { yaml } = await load({ channels: { ops: { ...MAIL, host: 'mx' } } })
  const shown = effectiveValues(yaml).filter(({ path }) => path[0] === 'channels')
  const port = shown.find(({ path }) => path.join('.') === 'channels.ops.port')
  assert.deepEqual([port?.value, port?.from], [587, 'default'])
})

test('a server of DNS is an address, with or without a port', async () => {
  const dns = (server: string): object => ({ enrichment: { dns: { servers: [server] } } })
  for (const server of ['192.0.2.1', '192.0.2.1:53', '2001:db8::1', '[2001:db8::1]:53']) {
    assert.deepEqual(await faultsOf(dns(server)), [], server)
  }
  for (const server of ['dns.example', '192.0.2.1:x', '[192.0.2.1', '']) {
    assert.equal((await faultsOf(dns(server))).length, 1, server)
  }
})

test('the type of a mail channel is that of the adapter', async () => {
  const { config } = await load({ channels: { ops: MAIL } })
  const { operational: _, ...settings } = config.channels['ops'] ?? assert.fail()
  const expected: MailSettings = {
    type: 'mail',
    from: MAIL.from,
    to: MAIL.to,
    port: 587,
    security: 'starttls',
    insecure: false,
    sendmail: '/usr/sbin/sendmail',
    subjectPrefix: '[picket]',
    timeoutSeconds: 60,
  }
  assert.deepEqual(settings, expected)
})

test('psad’s external script is a channel of its own, by plain words', async () => {
  const psad = (part: object) => ({ decisions: { profile: 'psad', ...part } })
  assert.deepEqual((await load(psad({ EXTERNAL_SCRIPT: '/bin/x' }))).config.channels, {})
  const script = { ENABLE_EXT_SCRIPT_EXEC: 'Y', EXTERNAL_SCRIPT: '/usr/local/bin/on-scan --ip SRCIP -v' }
  const { config } = await load(psad(script))
  assert.deepEqual(config.channels, {
    EXTERNAL_SCRIPT: {
      ...{ type: 'script', command: ['/usr/local/bin/on-scan', '--ip', 'SRCIP', '-v'] },
      ...{ once: true, timeoutSeconds: 30, operational: false },
    },
  })
  for (const text of ['on-scan', '/bin/sh -c "x"', '/bin/x; rm', '/bin/x $(y)', ''])
    assert.match(
      (await faultsOf(psad({ EXTERNAL_SCRIPT: text }))).join(),
      /EXTERNAL_SCRIPT: must be a whole path and plain words/,
    )
  const relative = { channels: { fix: { type: 'script', command: ['on-scan'] } } }
  assert.match((await faultsOf(relative)).join(), /^channels\.fix\.command: must begin with a whole path/)
})
