/** `picket_build_info`: what is running, the same for every process. */
import type { Metrics } from '@picket/runtime'
import { VERSION } from '../version.ts'

export function registerBuild(metrics: Metrics): void {
  metrics.info('picket_build_info', 'What is running.', { version: VERSION, node: process.version })
}
