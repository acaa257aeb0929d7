/**
 * The enforcer where all is real: signed bans on a compacted topic of a real broker, nftables in a namespace, and the command itself
 * without a broker or without the right.
 *
 * What needs root is skipped without it, and says so.
 */
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { candidates, type EnforcerSettings, makeTool, startEnforcer } from '@picket/collector/enforcer'
import { Metrics, makeLogger } from '@picket/runtime'
import { newSigningKey, publicKeyText, readPublicKey, signBan } from '@picket/runtime/bans'
import { KafkaQueue } from '@picket/runtime/kafka'
import { MESSAGES } from '@picket/schemas/messages'
import { settingsFor } from '../contract/kafka-under-test.ts'
import { PICKET_MAIN, REPOSITORY } from '../places.ts'
import { KafkaAdmin } from '../services/kafka-admin.ts'
import { freshName, sharedKafka } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'

const NAMESPACE = `pkt-acc-${process.pid}`
const FOLDER = mkdtempSync(join(tmpdir(), 'picket-enforcer-'))
const made = spawnSync('ip', ['netns', 'add', NAMESPACE], { encoding: 'utf8' })
const hasNft = spawnSync('nft', ['--version']).status === 0
const skip = made.status === 0 && hasNft ? false : `no real firewall here: ${made.stderr ?? 'no ip'}`
const INSIDE = ['ip', 'netns', 'exec', NAMESPACE] as const

after(() => {
  spawnSync('ip', ['netns', 'del', NAMESPACE])
  rmSync(FOLDER, { recursive: true })
})

function nft(...args: readonly string[]): string {
  return spawnSync('ip', ['netns', 'exec', NAMESPACE, 'nft', ...args], { encoding: 'utf8' }).stdout
}

/** A file of a configuration whose broker is nobody. */
function configFile(more: Readonly<Record<string, unknown>> = {}): string {
  const path = join(FOLDER, `${freshName('config')}.yaml`)
  const config = {
    kafka: { brokers: ['127.0.0.1:9'] },
    metrics: { enabled: false },
    log: { format: 'json' },
    enforcer: { state: join(FOLDER, 'state'), keys: join(FOLDER, 'keys'), ...more },
  }
  writeFileSync(path, JSON.stringify(config))
  return path
}

async function outcomesOn(queue: KafkaQueue, topic: string): Promise<string[]> {
  const told: string[] = []
  for (let partition = 0; partition < (await queue.partitions(topic)); partition++) {
    const { start, end } = await queue.extent(topic, partition)
    for await (const { value } of queue.read(topic, partition, start, end)) {
      const read = MESSAGES.receipt.decode(value ?? new Uint8Array(0))
      if (read.ok && read.value.ban !== null) told.push(`${read.value.ban.subject} ${read.value.ban.outcome}`)
    }
  }
  return told
}

class Command {
  readonly child: ChildProcessWithoutNullStreams
  said = ''

  constructor(...words: readonly string[]) {
    const [file = '', ...args] = words
    this.child = spawn(file, args)
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text
      })
  }

  says(text: string): Promise<void> {
    return waitUntil(
      () => this.said.includes(text),
      () => `"${text}" in: ${this.said}`,
    )
  }

  async end(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode
    const ended = new Promise<number | null>((resolve) => this.child.on('close', resolve))
    this.child.kill('SIGTERM')
    return ended
  }
}

describe('the enforcer', { skip }, () => {
  test('bans of a real broker’s compacted topic reach a real kernel, and the receipts come back', async () => {
    const kafka = await sharedKafka()
    const admin = await KafkaAdmin.connect(kafka.address)
    const prefix = freshName('bans')
    const bans = await admin.makeTopic(`${prefix}.bans`, 3, { 'cleanup.policy': 'compact' })
    const receipts = await admin.makeTopic(`${prefix}.receipts`, 3)
    const queue = new KafkaQueue(settingsFor(kafka.address))
    const key = newSigningKey()
    const [kernel] = candidates({ type: 'nftables' }, makeTool({ through: INSIDE }))
    assert.ok(kernel !== undefined)
    const settings: EnforcerSettings = {
      reporter: 'web1',
      site: '',
      instance: 'test',
      version: '0',
      topics: { bans, receipts, group: `${prefix}-enforcer-web1` },
      state: join(FOLDER, 'kafka-state'),
      firewall: { type: 'nftables' },
      caps: { total: 1_000, perMinute: 1_000, widestV4: 24, widestV6: 64 },
      allow: [],
      peers: [kafka.address],
      adminPorts: [22],
      heartbeatSeconds: 1,
    }
    const producer = await queue.producer()
    let revision = Date.now() * 1_000
    const ban = async (subject: string, seconds: number): Promise<void> => {
      const from = Date.now()
      const wishes = seconds === 0 ? [] : [{ hosts: [], from, until: from + seconds * 1_000, why: 'test' }]
      const value = signBan({ subject, wishes, revision: ++revision }, key)
      await producer.send(bans, 0, [{ key: new TextEncoder().encode(subject), value }])
    }
    const start = async () => {
      const log = makeLogger({ level: 'error', format: 'json' })
      const keys = new Map([[key.id, readPublicKey(publicKeyText(key.publicKey), 'test')]])
      const enforcer = await startEnforcer(settings, { queue, log, metrics: new Metrics(), keys, kernel })
      await waitUntil(() => enforcer.ready().ok, 'the enforcer to be ready')
      return enforcer
    }
    await ban('203.0.113.1', 600)
    const first = await start()
    try {
      assert.match(nft('list', 'set', 'inet', 'picket', 'block4'), /203\.0\.113\.1 timeout/)
      await ban('2001:db8:1:2::/64', 600)
      await waitUntil(
        () => nft('list', 'set', 'inet', 'picket', 'blocknet6').includes('2001:db8:1:2::'),
        'the ban',
      )
      await ban('203.0.113.1', 0)
      await waitUntil(
        () => !nft('list', 'set', 'inet', 'picket', 'block4').includes('203.0.113.1'),
        'the end',
      )
      const due = ['203.0.113.1 applied', '2001:db8:1:2::/64 applied', '203.0.113.1 lifted']
      let told: string[] = []
      await waitUntil(
        async () => {
          told = await outcomesOn(queue, receipts)
          return due.every((text) => told.includes(text))
        },
        () => `all receipts; there are: ${told.join()}`,
      )
    } finally {
      await first.stop()
    }
    const second = await start()
    assert.equal(second.signaturesComputed, 0)
    assert.deepEqual(
      (await second.bans.list()).map(({ subject }) => subject),
      ['2001:db8:1:2::/64'],
    )
    await second.stop()
    await kernel.liftAll()
    await Promise.all([queue.close(), admin.close()])
    await kafka.stop()
  })

  test('all bans are lifted with no broker, held against a running enforcer, and resumed', async () => {
    const config = configFile()
    const running = new Command(...INSIDE, process.execPath, PICKET_MAIN, 'enforcer', '--config', config)
    try {
      await running.says('bans go to the kernel by nftables')
      // It cannot know its bans yet; what the kernel holds it keeps.
      await running.says('no broker yet')
      await waitUntil(() => nft('list', 'tables').includes('picket'), 'the table')
      nft('add', 'element', 'inet', 'picket', 'block4', '{ 203.0.113.7 timeout 600s }')
      const byHand = (...flags: readonly string[]): Command =>
        new Command(...INSIDE, process.execPath, PICKET_MAIN, 'enforcer', ...flags, '--config', config)
      await byHand('--list').says('203.0.113.7')
      await byHand('--lift-all').says('nftables: 1 bans lifted')
      await running.says('HELD BY HAND')
      assert.ok(!nft('list', 'ruleset').includes('picket'))
      await byHand('--resume').says('bans again')
      await waitUntil(() => nft('list', 'tables').includes('picket'), 'the table to be back')
      assert.equal(await running.end(), 0)
    } finally {
      await running.end()
    }
  })

  test('a broken configuration does not keep anybody from lifting all', async () => {
    const path = join(FOLDER, 'broken.yaml')
    writeFileSync(path, 'enforcer: [\n')
    nft('add', 'table', 'inet', 'picket')
    const lifting = new Command(
      ...INSIDE,
      process.execPath,
      PICKET_MAIN,
      'enforcer',
      '--lift-all',
      '--config',
      path,
    )
    await lifting.says('the configuration is passed over')
    await lifting.says('nothing is banned on this host until')
    assert.ok(!nft('list', 'tables').includes('picket'))
    spawnSync(process.execPath, [PICKET_MAIN, 'enforcer', '--resume'])
  })

  for (const [right, capabilities, says] of [
    ['CAP_NET_ADMIN alone', '-all,+net_admin', 'bans go to the kernel by nftables'],
    ['no right at all', '-all', 'DRY RUN'],
  ] as const) {
    test(`with ${right} and as nobody it says: ${says}`, async () => {
      spawnSync('chmod', ['755', FOLDER])
      const state = mkdtempSync(join(FOLDER, 'nobody-'))
      spawnSync('chown', ['65534', state])
      const config = configFile({ state })
      spawnSync('chmod', ['644', config])
      const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
      const rights = [
        `--inh-caps=${capabilities}`,
        `--ambient-caps=${capabilities}`,
        `--bounding-set=${capabilities}`,
      ]
      const command = new Command(
        ...INSIDE,
        ...nobody,
        ...rights,
        process.execPath,
        PICKET_MAIN,
        'enforcer',
        '--config',
        config,
      )
      try {
        await command.says(says)
        await command.says('enforcer has started')
        assert.equal(await command.end(), 0)
      } finally {
        await command.end()
      }
    })
  }
})

test('the unit of the enforcer is as tight as it can be', () => {
  const unit = join(REPOSITORY, 'deploy/systemd/picket-enforcer.service')
  const { status, stdout, stderr, error } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--threshold=20', unit],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, `${error?.message ?? ''}${stdout}${stderr}`)
})
