import { setTimeout as sleep } from 'node:timers/promises'
import type { SipMessage } from '../sip/message.js'
import { readAnswer, type SdpAnswer, sdpOffer } from '../sip/sdp.js'
import type { UserAgent } from '../sip/user-agent.js'
import type { Clip } from '../speech/clip.js'
import type { Codec } from '../wire/g711.js'
import { rtpTimeline, segments, type TimelinePacket } from '../wire/rtp-timeline.js'
import { AGENT_JOIN_MS, CALLER_JOIN_MS, type WireTurn, wireTurns } from '../wire/turns.js'
import type { Dialog } from './dialog.js'
import type { Media } from './media.js'

/** One utterance as it was sent. Times of performance.now(). */
export interface Utterance {
  firstVoicedMs: number
  lastVoicedMs: number
}

/** How a call ended. */
export interface CallEnd {
  by: 'caller' | 'agent'
  atMs: number
}

/** A caller in a call. It acts when the script says so and hears everything. */
export interface Caller {
  /** The SIP Call-ID. */
  readonly callId: string
  readonly answeredMs: number
  readonly answer: SdpAnswer
  readonly rtpPort: number
  /** Says something now, over the agent too; resolves when its last sample is sent. */
  say(clip: Clip): Promise<Utterance>
  /** Waits until the agent is silent, says something and waits for the first sound of the answer. */
  ask(
    clip: Clip,
    options?: { silenceMs?: number; answerWithinMs?: number },
  ): Promise<Utterance & { answeredMs: number }>
  /** Resolves with the time of the agent's first sound at or after `sinceMs` (default: now). */
  waitForAgentToStart(options?: { sinceMs?: number; timeoutMs?: number }): Promise<number>
  /** Waits for the agent to be heard after the last utterance (or the answer), and then silent for `silenceMs`. */
  waitForAgentToFinish(options?: { silenceMs?: number; timeoutMs?: number }): Promise<void>
  press(digits: string): Promise<void>
  /** Sends a datagram as it is from the RTP socket. */
  sendRaw(bytes: Buffer): void
  /** Re-INVITE with sendonly; sends nothing until `resume`. Resolves with the answer. */
  hold(): Promise<SdpAnswer>
  resume(): Promise<SdpAnswer>
  hangup(): Promise<void>
  /** Waits for the agent to hang up. */
  waitForBye(timeoutMs: number): Promise<CallEnd>
  ended(): CallEnd | null
  /** Both directions so far, as this caller saw them. */
  sent(): TimelinePacket[]
  received(): TimelinePacket[]
  turns(): WireTurn[]
  /** Frees sockets and timers; hangs up where the call is still up. */
  close(): Promise<void>
}

export interface CallParts {
  codec: Codec
  dialog: Dialog
  agent: UserAgent
  media: Media
  answer: SdpAnswer
  /** Resolves when the other side's BYE is in. */
  bye: Promise<CallEnd>
}

const POLL_MS = 10
const SILENCE_MS = 1200
const ANSWER_LIMIT_MS = 30_000
const SPEECH_LIMIT_MS = 90_000

/** A caller over a dialog and its media, once the call is answered. */
export function createCaller({ codec, dialog, agent, media, answer, bye }: CallParts): Caller {
  const answeredMs = performance.now()
  let spokeMs = answeredMs
  let end: CallEnd | null = null
  let sdpVersion = 1
  void bye.then((how) => {
    end ??= how
  })

  async function until(ready: () => boolean, timeoutMs: number, what: string): Promise<void> {
    const limit = performance.now() + timeoutMs
    while (!ready()) {
      if (end) throw new Error(`the call ended (by the ${end.by}) while waiting for ${what}`)
      if (performance.now() > limit) throw new Error(`waited ${timeoutMs} ms for ${what}`)
      await sleep(POLL_MS)
    }
  }

  async function waitForAgentToStart({
    sinceMs = performance.now(),
    timeoutMs = ANSWER_LIMIT_MS,
  } = {}): Promise<number> {
    const heard = () => media.audibleMs.find((atMs) => atMs >= sinceMs)
    await until(() => heard() !== undefined, timeoutMs, 'the agent to speak')
    return heard() ?? sinceMs
  }

  async function waitForAgentToFinish({ silenceMs = SILENCE_MS, timeoutMs = SPEECH_LIMIT_MS } = {}): Promise<void> {
    await waitForAgentToStart({ sinceMs: spokeMs, timeoutMs })
    const silent = () => performance.now() - (media.audibleMs.at(-1) ?? 0) >= silenceMs
    await until(silent, timeoutMs, 'the agent to finish')
  }

  async function say(clip: Clip): Promise<Utterance> {
    const playing = media.play(clip.pcm)
    const atMs = await Promise.race([playing, bye.then(() => null)])
    if (!atMs || end) throw new Error('the call ended while the caller spoke')
    const timeOf = (sample: number) => (atMs[Math.floor(sample / 160)] ?? 0) + (sample % 160) / 8
    spokeMs = timeOf(clip.lastVoicedSample)
    return { firstVoicedMs: timeOf(clip.firstVoicedSample), lastVoicedMs: spokeMs }
  }

  async function reinvite(direction: 'sendrecv' | 'sendonly'): Promise<SdpAnswer> {
    const body = sdpOffer(codec, media.rtpPort, direction, ++sdpVersion)
    const response = await inDialog('INVITE', body)
    if (response.status !== 200) throw new Error(`re-INVITE answered ${response.status} ${response.reason}`)
    return readAnswer(response.body)
  }

  function inDialog(method: string, body = ''): Promise<SipMessage> {
    const to = dialog.nextHop()
    return agent.request(dialog.request(method, { body }), to ? { to } : {})
  }

  async function hangup(): Promise<void> {
    if (end) return
    end = { by: 'caller', atMs: performance.now() }
    const response = await inDialog('BYE')
    if (response.status !== 200) throw new Error(`BYE answered ${response.status} ${response.reason}`)
  }

  return {
    callId: dialog.callId,
    answeredMs,
    answer,
    rtpPort: media.rtpPort,
    say,
    async ask(clip, { silenceMs = SILENCE_MS, answerWithinMs = ANSWER_LIMIT_MS } = {}) {
      await waitForAgentToFinish({ silenceMs })
      const utterance = await say(clip)
      const answeredAtMs = await waitForAgentToStart({ sinceMs: utterance.lastVoicedMs, timeoutMs: answerWithinMs })
      return { ...utterance, answeredMs: answeredAtMs }
    },
    waitForAgentToStart,
    waitForAgentToFinish,
    press(digits) {
      if (answer.dtmfPayloadType === null) return Promise.reject(new Error('telephone events were not agreed on'))
      return media.press(digits, answer.dtmfPayloadType)
    },
    sendRaw: media.sendRaw,
    async hold() {
      const agreed = await reinvite('sendonly')
      media.setSending(false)
      return agreed
    },
    async resume() {
      const agreed = await reinvite('sendrecv')
      media.start(agreed.port)
      media.setSending(true)
      return agreed
    },
    hangup,
    async waitForBye(timeoutMs) {
      const how = await Promise.race([bye, sleep(timeoutMs).then(() => null)])
      if (!how) throw new Error(`no BYE within ${timeoutMs} ms`)
      return how
    },
    ended: () => end,
    sent: () => rtpTimeline(media.sent),
    received: () => rtpTimeline(media.received),
    turns: () =>
      wireTurns(
        segments(rtpTimeline(media.sent), CALLER_JOIN_MS),
        segments(rtpTimeline(media.received), AGENT_JOIN_MS),
      ),
    async close() {
      try {
        await hangup()
      } finally {
        media.close()
        agent.close()
      }
    },
  }
}
