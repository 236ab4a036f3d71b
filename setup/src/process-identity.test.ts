import { describe, expect, it } from 'vitest'
import { identify, isRunning } from './process-identity.js'

describe('process identity', () => {
  it('a lock of a dead process does not count, though its id was given to another since', () => {
    const parent = identify(process.ppid) ?? ''
    expect(isRunning(parent)).toBe(true)
    if (process.platform === 'linux') expect(isRunning(`${process.ppid}:1`)).toBe(false)
  })

  it('in a container, where every start has the same id, an old lock does not count', () => {
    expect(isRunning(identify(process.pid) ?? '')).toBe(false)
  })

  it('nonsense in a lock file does not count as a process', () => {
    for (const text of ['', 'x', '0:', '-5:1', ':7']) expect(isRunning(text)).toBe(false)
  })
})
