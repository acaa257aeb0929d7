/** `node test/dist/scenarios/main.js DIR [SEED]`: writes the scenarios, to be scored or looked at. */
import { writeScenarios } from './write.ts'

const [folder, seed = '1'] = process.argv.slice(2)
if (folder === undefined || !/^\d+$/.test(seed)) {
  process.stderr.write('usage: node test/dist/scenarios/main.js DIR [SEED]\n')
  process.exitCode = 2
} else {
  writeScenarios(folder, Number(seed))
}
