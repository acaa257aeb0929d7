/** Loaded before a measured program (`node --import`): at its end it writes its own peak memory, in KiB, to PICKET_PEAK_FILE. */
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { PICKET_PEAK_FILE } = process.env as { PICKET_PEAK_FILE?: string }
  if (PICKET_PEAK_FILE !== undefined) writeFileSync(PICKET_PEAK_FILE, String(process.resourceUsage().maxRSS))
})
