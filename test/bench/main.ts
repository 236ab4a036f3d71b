import { benchLatency } from './latency.js'
import { benchMedia } from './media.js'

const benches: Record<string, () => Promise<void>> = { latency: benchLatency, media: benchMedia }

const bench = benches[process.argv[2] ?? '']
if (bench) {
  await bench()
} else {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')}`)
  process.exitCode = 2
}
