/** A collector as a process: `node collector-process.js FOLDER`, until SIGTERM, or until whoever holds its standard input is gone. */
import { join } from 'node:path'
import { Metrics, makeLogger } from '@picket/runtime'
import { startCollector } from '../../src/main.ts'
import { PARTITIONS, settingsIn } from './collecting.ts'
import { FileQueue } from './file-queue.ts'

const folder = process.argv[2] ?? ''
const collector = await startCollector(settingsIn(folder), {
  queue: new FileQueue(join(folder, 'topic'), PARTITIONS),
  log: makeLogger({ level: 'info', format: 'json' }),
  metrics: new Metrics(),
})
process.once('SIGTERM', () => void collector.stop().then(() => process.stdin.destroy()))
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'))
process.stderr.write('started\n')
