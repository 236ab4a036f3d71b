import { describe, expect, it } from 'vitest'
import { Playout, type PlayoutNotice } from './playout.js'

const tone = (samples: number) => Int16Array.from({ length: samples }, (_, i) => 8000 * Math.sin(i / 3))

function withSegment(samples: number) {
  const notices: PlayoutNotice[] = []
  const playout = new Playout((notice) => notices.push(notice))
  playout.open('resp-1', 'seg-1', 0)
  playout.append('seg-1', tone(samples))
  return { playout, notices }
}

describe('Playout', () => {
  it('sends every sample once, in order, however the chunks are cut', () => {
    const playout = new Playout(() => {})
    const speech = tone(1000)
    playout.open('resp-1', 'seg-1', 0)
    for (let at = 0; at < 1000; at += 37) playout.append('seg-1', speech.slice(at, at + 37))
    playout.complete('seg-1')
    const heard: number[] = []
    for (let frame = playout.frame(); frame; frame = playout.frame()) heard.push(...frame)
    expect(heard.slice(0, 1000)).toEqual([...speech])
    expect(heard.slice(1000).every((sample) => sample === 0)).toBe(true)
  })

  it('says where the first audible sample was, past a quiet lead', () => {
    const notices: PlayoutNotice[] = []
    const playout = new Playout((notice) => notices.push(notice))
    playout.open('resp-1', 'seg-1', 0)
    const speech = new Int16Array(400)
    speech.fill(5000, 200)
    playout.append('seg-1', speech)
    playout.frame()
    expect(notices).toEqual([])
    playout.frame()
    expect(notices).toEqual([{ type: 'started', responseId: 'resp-1', segmentId: 'seg-1', offsetMs: 5 }])
  })

  it('does not take a click before the first word for the first word', () => {
    const notices: PlayoutNotice[] = []
    const playout = new Playout((notice) => notices.push(notice))
    playout.open('resp-1', 'seg-1', 0)
    const speech = new Int16Array(480)
    speech[3] = 400
    speech.fill(5000, 240)
    playout.append('seg-1', speech)
    playout.frame()
    playout.frame()
    expect(notices.map(({ type, offsetMs }) => [type, offsetMs])).toEqual([['started', 10]])
  })

  it('goes on from the same sample after a pause', () => {
    const { playout } = withSegment(1600)
    playout.frame()
    playout.pause()
    playout.frame()
    expect(playout.frame()).toBeNull()
    playout.resume()
    const resumed = playout.frame()
    expect(resumed?.[100]).toBe(tone(1600)[260])
  })

  it('fades instead of clicking when it is paused', () => {
    const { playout } = withSegment(1600)
    playout.frame()
    playout.pause()
    const faded = playout.frame() ?? new Int16Array()
    expect(Math.abs(faded[39] ?? 1e9)).toBeLessThan(400)
    expect([...faded.slice(40)].every((sample) => sample === 0)).toBe(true)
  })

  it('tells how much was sent when it is cut, whole milliseconds floored', () => {
    const { playout } = withSegment(1601)
    playout.frame()
    playout.frame()
    expect(playout.clear(['resp-1'])).toEqual([
      { responseId: 'resp-1', segmentId: 'seg-1', playedMs: 40, totalMs: 200, complete: false },
    ])
    playout.frame()
    expect(playout.idle).toBe(true)
  })

  it('keeps the next response when the one before it is cut', () => {
    const { playout } = withSegment(1600)
    playout.open('resp-2', 'seg-2', 0)
    playout.append('seg-2', tone(160))
    playout.clear(['resp-1'])
    expect(playout.frame()?.some((sample) => sample !== 0)).toBe(true)
  })

  it('drops audio that comes for a segment after it was cleared', () => {
    const { playout } = withSegment(160)
    playout.clear(['resp-1'])
    expect(playout.append('seg-1', tone(160))).toBe(false)
    expect(playout.complete('seg-1')).toBeNull()
  })

  it('leaves the wanted pause between sentences, and none that lateness has given already', () => {
    const { playout } = withSegment(160)
    playout.complete('seg-1')
    playout.open('resp-1', 'seg-2', 30)
    playout.append('seg-2', tone(480))
    playout.frame()
    expect(playout.frame()?.every((sample) => sample === 0)).toBe(true)
    expect(playout.frame()?.[79]).toBe(0)
    expect(playout.frame()?.[10]).not.toBe(0)
  })

  it('lowers the voice without moving the position when it ducks', () => {
    const { playout } = withSegment(1600)
    playout.frame()
    playout.duck()
    const ducked = playout.frame() ?? new Int16Array()
    const ratio = Math.abs((ducked[100] ?? 0) / (tone(1600)[260] ?? 1))
    expect(20 * Math.log10(ratio)).toBeLessThan(-12)
  })

  it('stays silent after a clear while the caller still speaks, until it is told to go on', () => {
    const { playout } = withSegment(1600)
    playout.pause()
    playout.frame()
    playout.clear(['resp-1'])
    playout.open('resp-2', 'seg-2', 0)
    playout.append('seg-2', tone(480))
    expect(playout.frame()).toBeNull()
    playout.resume()
    expect(playout.frame()?.[100]).not.toBe(0)
  })

  it('D2: sends the last few samples of a reply, filled up with silence', () => {
    const { playout, notices } = withSegment(200)
    playout.complete('seg-1')
    playout.frame()
    const last = playout.frame() ?? new Int16Array()
    expect(last[39]).not.toBe(0)
    expect(last[40]).toBe(0)
    expect(notices.map(({ type }) => type)).toEqual(['started', 'finished'])
  })

  it('waits for audio that is still being made and says nothing is over', () => {
    const { playout, notices } = withSegment(100)
    playout.frame()
    expect(playout.frame()).toBeNull()
    expect(notices.filter((notice) => notice.type === 'finished')).toEqual([])
    playout.complete('seg-1')
    playout.frame()
    expect(notices.at(-1)?.type).toBe('finished')
  })
})
