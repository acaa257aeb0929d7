/** The pure part of the responder: alerts in, words out. */
export { alertJson } from './tell/alert-json.ts'
export { alertLine } from './tell/alert-line.ts'
export * from './tell/index.ts'
