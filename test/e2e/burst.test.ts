import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { runSipp } from '../src/peers/sipp.js'
import { freePorts } from '../src/platform/ports.js'
import { testNeeding } from '../src/testing/needing.js'

const script = fileURLToPath(new URL('../../packages/sip/load/uas.mjs', import.meta.url))
const CALLS = 1500
const CALLS_A_SECOND = 100

let machine: ChildProcess | undefined
let sipPort = 0

/** The signaling server and a bare drachtio-srf application, without media: what a burst of calls meets first. */
beforeAll(async () => {
  const [sip = 0, drachtio = 0] = await freePorts(2)
  sipPort = sip
  const child = spawn(process.execPath, [script, String(sipPort), String(drachtio)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  machine = child
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => text.toString().includes('answers') && resolve())
    child.on('exit', (code) => reject(new Error(`the answering machine ended with ${code}`)))
  })
})

afterAll(() => {
  machine?.removeAllListeners('exit')
  machine?.kill('SIGKILL')
})

testNeeding('sipp')('a hundred calls a second for fifteen seconds lose a call', async () => {
  const result = await runSipp({
    scenario: 'short-call',
    sipPort,
    durationMs: 100,
    calls: CALLS,
    rate: CALLS_A_SECOND,
    limit: CALLS,
    timeoutMs: 60_000,
  })
  expect(result.failed, result.log).toBe(0)
  expect(result.succeeded).toBe(CALLS)
})
