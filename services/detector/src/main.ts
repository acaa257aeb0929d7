/** What a process that holds a detector needs beside the pure part, which is `index.ts`. */

export { processNumbers } from './adapters/numbers.ts'
export { DetectorEvents, type DetectorNumbers } from './events.ts'
export { type DetectorParts, type DetectorProcess, type DetectorSettings, startDetector } from './process.ts'
export { DetectorProcessEvents, type ProcessNumbers } from './process-events.ts'
