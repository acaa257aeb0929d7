import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadConfig } from '../src/config/load.ts'
import { runSettings } from '../src/config/run-settings.ts'
import type { HostResponseSettings } from '../src/run/settings.ts'
import { Folder } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

async function settingsOf(yaml: string): Promise<HostResponseSettings> {
  const { response } = runSettings(await loadConfig(folder.file('picket.yaml', yaml)))
  assert.ok(response !== undefined)
  return response
}

test('a guard responds from the start where its configuration speaks of it, and only there', async () => {
  for (const yaml of ['', 'policy: psad\n', 'rules: {allow: [192.0.2.1]}\n', 'metrics: {enabled: false}\n'])
    assert.equal((await settingsOf(yaml)).isAsked, false, yaml)
  for (const yaml of [
    'channels: {}\n',
    'decisions: {profile: psad}\n',
    'bans: {factor: 1}\n',
    'allow: [192.0.2.1]\n',
  ])
    assert.equal((await settingsOf(yaml)).isAsked, true, yaml)
})

test('what is right for one server holds without a word: told at level 3, nobody banned, nobody but its own peers kept reachable', async () => {
  const { response, enforcer, channels } = await settingsOf('')
  const [rule, ...others] = response.policy.rules
  assert.deepEqual([rule?.when, rule?.tell, rule?.banSeconds, others.length], [{ level: 3 }, ['*'], 0, 0])
  assert.deepEqual([channels, enforcer.peers, enforcer.firewall], [{}, [], { type: 'auto' }])
})

test('psad’s switches, the allowlists, caps and channels are those of a fleet', async () => {
  const { response, enforcer } = await settingsOf(`
decisions: {profile: psad, ENABLE_AUTO_IDS: Y, AUTO_IDS_DANGER_LEVEL: 4, AUTO_BLOCK_TIMEOUT: 0}
rules: {allow: [192.0.2.1]}
allow: [{network: 192.0.2.2, comment: office}]
channels: {ops: {type: stdout}, pager: {type: stdout, operational: true}}
enforcer: {caps: {total: 7}, allow: [192.0.2.3], peers: [mail.example.net]}
`)
  assert.ok(
    response.policy.rules.some(({ banSeconds }) => banSeconds === response.policy.bans.lengths.capSeconds),
  )
  assert.match(response.remarks.join(), /AUTO_BLOCK_TIMEOUT/)
  assert.deepEqual(
    response.allow.map(({ network, comment }) => [network, comment]),
    [
      ['192.0.2.2', 'office'],
      ['192.0.2.1', 'rules.allow'],
    ],
  )
  assert.deepEqual(response.operations, ['pager'])
  assert.deepEqual([enforcer.caps.total, enforcer.allow.length, enforcer.peers], [7, 2, ['mail.example.net']])
})
