import { expect, test } from 'vitest'
import { encodeG711 } from '../wire/g711.js'
import { buildRtp } from '../wire/rtp-packet.js'
import { rtpTimeline, segments } from '../wire/rtp-timeline.js'
import { AGENT_JOIN_MS, CALLER_JOIN_MS } from '../wire/turns.js'
import { clip, spokenClips, track } from './clip.js'

test.each(spokenClips())(
  '$name: the sound is not where the label says',
  ({ pcm, firstVoicedSample, lastVoicedSample, longestPauseMs }) => {
    const packets = Array.from({ length: Math.ceil(pcm.length / 160) }, (_, index) => {
      const payload = encodeG711('PCMU', pcm.slice(index * 160, index * 160 + 160))
      const bytes = buildRtp({
        payloadType: 0,
        marker: false,
        sequence: index,
        timestamp: index * 160,
        ssrc: 1,
        payload,
      })
      return { atMs: index * 20, bytes }
    })
    const [segment, ...more] = segments(rtpTimeline(packets), CALLER_JOIN_MS)
    expect(more).toEqual([])
    expect(Math.abs((segment?.startMs ?? 0) - firstVoicedSample / 8)).toBeLessThan(11)
    expect(Math.abs((segment?.endMs ?? 0) - lastVoicedSample / 8)).toBeLessThan(11)
    expect(longestPauseMs).toBeLessThan(CALLER_JOIN_MS - 200)
    expect(AGENT_JOIN_MS).toBeLessThan(CALLER_JOIN_MS)
  },
)

test('a track puts a clip at another place', () => {
  const [one, two] = [clip('goodbye'), clip('mhm')]
  const pcm = track([one, two], 1000, 500)
  expect(pcm.slice(8000 + one.pcm.length + 4000, 8000 + one.pcm.length + 4000 + two.pcm.length)).toEqual(two.pcm)
  expect(() => clip('nothing')).toThrow('no clip "nothing"')
})
