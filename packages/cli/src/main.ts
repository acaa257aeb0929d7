/** Where `picket` starts. All that it is lies behind `process.ts`, which is loaded in one go. */
import { load } from './loading.ts'

const { runPicket } = await load<typeof import('./process.ts')>(new URL('./process.js', import.meta.url))
await runPicket()
