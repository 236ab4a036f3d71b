import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SdpError } from './error.js'
import { acceptAnswer, answerOffer, createOffer, type LocalMedia } from './offer-answer.js'
import { parseSession } from './session.js'

const local: LocalMedia = {
  address: '127.0.0.1',
  rtpPort: 20000,
  rtcpPort: 20001,
  sessionId: 1234,
  version: 1,
  codecs: ['PCMU', 'PCMA'],
}

function sdp(...media: string[]): string {
  return `${['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media].join('\r\n')}\r\n`
}

const plain = sdp('m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16')

function failure(act: () => unknown): SdpError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(SdpError)
    return error as SdpError
  }
  throw new Error('nothing was thrown')
}

describe('answering an offer', () => {
  it('accepts an everyday telephone offer', () => {
    const { sdp: text, media } = answerOffer(plain, local)
    expect(media).toEqual({
      codec: 'PCMU',
      payloadType: 0,
      dtmfPayloadType: 101,
      remote: { address: '127.0.0.1', port: 4000, rtcpPort: 4001 },
      direction: 'sendrecv',
      held: false,
      ptimeMs: 20,
    })
    expect(text).toBe(
      [
        'v=0',
        'o=- 1234 1 IN IP4 127.0.0.1',
        's=-',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        'm=audio 20000 RTP/AVP 0 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    )
  })

  it("takes the caller's first choice, not ours", () => {
    expect(answerOffer(sdp('m=audio 4000 RTP/AVP 18 8 0'), local).media).toMatchObject({
      codec: 'PCMA',
      payloadType: 8,
    })
  })

  it('understands static payload types without rtpmap', () => {
    expect(answerOffer(sdp('m=audio 4000 RTP/AVP 8'), local).media).toMatchObject({
      codec: 'PCMA',
      dtmfPayloadType: null,
    })
  })

  it("keeps the caller's numbers for dynamic payload types", () => {
    const offer = sdp(
      'm=audio 4000 RTP/AVP 96 97 99 98',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:97 pcma/8000',
      'a=rtpmap:98 telephone-event/8000',
      'a=rtpmap:99 telephone-event/48000',
    )
    const { media, sdp: text } = answerOffer(offer, local)
    expect(media).toMatchObject({ codec: 'PCMA', payloadType: 97, dtmfPayloadType: 98 })
    expect(text).toContain('m=audio 20000 RTP/AVP 97 98')
  })

  it('believes an rtpmap that says payload type 0 is something else', () => {
    expect(failure(() => answerOffer(sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 G726-32/8000'), local)).sipStatus).toBe(
      488,
    )
  })

  it('refuses video with port 0 and answers in the order of the offer', () => {
    const offer = sdp(
      'm=video 5000 RTP/AVP 96 97',
      'a=rtpmap:96 H264/90000',
      'm=audio 4000 RTP/AVP 0',
      'm=audio 4002 RTP/AVP 0',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    )
    const sections = parseSession(answerOffer(offer, local).sdp)
    expect(sections.map(({ type, port }) => [type, port])).toEqual([
      ['video', 0],
      ['audio', 20000],
      ['audio', 0],
      ['application', 0],
    ])
    expect(sections[3]?.protocol).toBe('UDP/DTLS/SCTP')
  })

  it("uses the section's own address and RTCP port before the session's", () => {
    const offer = sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 127.0.0.9', 'a=rtcp:4777')
    expect(answerOffer(offer, local).media.remote).toEqual({ address: '127.0.0.9', port: 4000, rtcpPort: 4777 })
  })

  it('speaks IPv6 where it has an IPv6 address, and says no where it has none', () => {
    const offer = plain.replace('c=IN IP4 127.0.0.1', 'c=IN IP6 ::1')
    const answer = answerOffer(offer, { ...local, address: '::1' })
    expect(answer.media.remote?.address).toBe('::1')
    expect(answer.sdp).toContain('c=IN IP6 ::1')
    expect(failure(() => answerOffer(offer, local)).sipStatus).toBe(488)
  })
})

describe('hold and resume', () => {
  it.each([
    ['sendrecv', 'sendrecv', false],
    ['sendonly', 'recvonly', true],
    ['recvonly', 'sendonly', false],
    ['inactive', 'inactive', true],
  ])('answers %s with %s', (offered, answered, held) => {
    const { sdp: text, media } = answerOffer(sdp('m=audio 4000 RTP/AVP 0', `a=${offered}`), local)
    expect(media).toMatchObject({ direction: answered, held })
    expect(text).toContain(`a=${answered}\r\n`)
  })

  it('takes the old 0.0.0.0 for hold and gives no address to send to', () => {
    const { media } = answerOffer(plain.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'), local)
    expect(media).toMatchObject({ direction: 'recvonly', held: true, remote: null })
  })

  it('reads a direction given once for the whole session', () => {
    expect(answerOffer(plain.replace('t=0 0', 't=0 0\r\na=sendonly'), local).media.direction).toBe('recvonly')
  })

  it('never promises more than this side wants', () => {
    expect(answerOffer(plain, { ...local, direction: 'recvonly' }).media.direction).toBe('recvonly')
    expect(answerOffer(plain, { ...local, direction: 'inactive' }).media.direction).toBe('inactive')
  })
})

describe('what cannot be used', () => {
  it.each([
    ['nothing at all', '', 400],
    ['no version', plain.replace('v=0\r\n', ''), 400],
    ['no origin', plain.replace(/o=.*\r\n/, ''), 400],
    ['no connection', plain.replace(/c=.*\r\n/, ''), 400],
    ['no media', sdp(), 400],
    ['a line that is not one', sdp('m=audio 4000 RTP/AVP 0', 'hello'), 400],
    ['no formats', sdp('m=audio 4000 RTP/AVP'), 400],
    ['a port beyond 65535', sdp('m=audio 492170 RTP/AVP 0'), 400],
    ['a negative port', sdp('m=audio -1 RTP/AVP 0'), 400],
    ['a payload type beyond 127', sdp('m=audio 4000 RTP/AVP 300'), 400],
    ['an address of the wrong family', plain.replace('c=IN IP4', 'c=IN IP6'), 400],
    ['port 0 only', sdp('m=audio 0 RTP/AVP 0'), 488],
    ['no common codec', sdp('m=audio 4000 RTP/AVP 18 9'), 488],
    ['video only', sdp('m=video 4000 RTP/AVP 96'), 488],
    ['SRTP without a key', sdp('m=audio 4000 RTP/SAVP 0'), 488],
    ['SRTP over DTLS', sdp('m=audio 4000 UDP/TLS/RTP/SAVPF 0'), 488],
    ['packets shorter than 20 ms only', sdp('m=audio 4000 RTP/AVP 0', 'a=maxptime:10'), 488],
    ['a host name for an address', plain.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 example.invalid'), 488],
    ['multicast', plain.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 239.1.1.1'), 488],
    ['an endless description', plain + 'a=x\r\n'.repeat(10_000), 400],
  ])('refuses %s', (_, offer, status) => {
    expect(failure(() => answerOffer(offer, local)).sipStatus).toBe(status)
  })

  it('throws nothing but SdpError for 20,000 damaged offers, and gives only usable ports and addresses', () => {
    const rich = sdp(
      'm=audio 4000 RTP/AVP 0 8 101',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=rtcp:4001 IN IP4 127.0.0.1',
      'a=sendrecv',
      'm=video 5000 RTP/SAVP 96',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
    )
    const edit = fc.record({
      at: fc.nat(rich.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom('\r\n', 'm=', 'c=', 'a=rtpmap:', '0', '-', '99999', ' ', '\0', '\u{1f600}', '/2'),
      ),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let text = rich
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove)
        try {
          const { media, sdp: answer } = answerOffer(text, local)
          expect(parseSession(answer).length).toBe(parseSession(text).length)
          if (media.remote) {
            expect(media.remote.port).toBeGreaterThan(0)
            expect(media.remote.port).toBeLessThan(65_536)
            expect(media.remote.rtcpPort).toBeLessThan(65_536)
          }
        } catch (error) {
          if (!(error instanceof SdpError)) throw error
        }
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('late offer', () => {
  it('is accepted by our own answering side', () => {
    const offer = createOffer(local)
    const peer = { ...local, rtpPort: 30000, rtcpPort: 30001 }
    const { sdp: answer, media } = answerOffer(offer, peer)
    expect(media.remote?.port).toBe(20000)
    expect(acceptAnswer(answer, local)).toEqual({
      ...media,
      remote: { address: '127.0.0.1', port: 30000, rtcpPort: 30001 },
    })
  })

  it('says where RTCP is when it is not on the next port', () => {
    expect(createOffer({ ...local, rtcpPort: 20777 })).toContain('a=rtcp:20777\r\n')
  })

  it('fails where the peer refused, or answers with other sections', () => {
    expect(failure(() => acceptAnswer(sdp('m=audio 0 RTP/AVP 0'), local)).sipStatus).toBe(488)
    expect(failure(() => acceptAnswer(sdp('m=audio 4000 RTP/AVP 18'), local)).sipStatus).toBe(488)
    const two = sdp('m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96')
    expect(failure(() => acceptAnswer(two, local)).sipStatus).toBe(488)
  })
})
