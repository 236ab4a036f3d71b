import { describe, expect, it, vi } from 'vitest'
import { openDisplay } from './display.js'

function collect(isTTY: boolean) {
  const written: string[] = []
  return { written, output: { isTTY, columns: 60, write: (text: string) => written.push(text) } }
}

describe('progress display', () => {
  it('a log file gets whole lines every few seconds and no cursor movements', async () => {
    vi.useFakeTimers()
    const { written, output } = collect(false)
    const display = openDisplay(output, () => Date.now())
    const step = display.step('voice model', 'bytes', async (report) => {
      report.advance(5_000_000, 10_000_000)
      await new Promise((resolve) => setTimeout(resolve, 11_000))
    })
    await vi.advanceTimersByTimeAsync(11_000)
    await step
    display.close()
    vi.useRealTimers()
    expect(written).toEqual(['set-up  voice model  50 %  5.0 MB of 10.0 MB\n', 'set-up  voice model: done in 11 s\n'])
  })

  it('a terminal line is erased before the next line is printed', async () => {
    vi.useFakeTimers()
    const { written, output } = collect(true)
    const display = openDisplay(output, () => Date.now())
    const step = display.step('voice model', 'bytes', () => new Promise<void>((resolve) => setTimeout(resolve, 200)))
    await vi.advanceTimersByTimeAsync(200)
    await step
    display.close()
    vi.useRealTimers()
    expect(written.join('')).toBe('\r\u001b[2Kvoice model\r\u001b[2Kset-up  voice model: done in 0.2 s\n')
  })

  it('a failed step says so and passes the error on', async () => {
    const { written, output } = collect(false)
    const display = openDisplay(output, () => 0)
    await expect(display.step('voice model', 'bytes', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    display.close()
    expect(written).toEqual(['set-up  voice model: failed after 0.0 s\n'])
  })
})
