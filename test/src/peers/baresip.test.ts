import { afterEach, expect } from 'vitest'
import { clip, track } from '../speech/clip.js'
import { type EchoServer, openEchoServer } from '../testing/echo-server.js'
import { testNeeding } from '../testing/needing.js'
import { rmsDbfs } from '../wire/level.js'
import { runBaresip } from './baresip.js'

let server: EchoServer | undefined
afterEach(() => server?.close())

testNeeding('baresip')(
  'a phone that hears its own echo records nothing, or does not end with its track',
  async () => {
    server = await openEchoServer({ delayMs: 100 })
    const audio = track([clip('goodbye')], 500, 500)
    const options = { sipPort: server.sipPort, transport: 'udp', codec: 'PCMA', audio, timeoutMs: 8000 } as const
    const { heard, said, log } = await runBaresip(options)
    const level = (wav: typeof heard) => rmsDbfs(wav.channels[0] ?? new Int16Array(0))
    expect(level(said), log).toBeGreaterThan(-40)
    expect(level(heard), log).toBeGreaterThan(-40)
  },
  30_000,
)
