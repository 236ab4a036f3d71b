import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InferenceError } from './error.js'
import { createFakeTranscriber, type FakeTranscriber, type FakeTranscriberOptions } from './testing/fake-transcriber.js'
import {
  createTranscriptionSession,
  type SocketCallbacks,
  type TakeBack,
  type TranscriptionSession,
} from './transcription-session.js'

/** A session on a wire in memory, on which every frame moves only when it is told to. */
function wire(server: FakeTranscriberOptions, takeBack: TakeBack = 'auto') {
  let transcriber: FakeTranscriber = createFakeTranscriber(server)
  let callbacks: SocketCallbacks | undefined
  let connected = false
  let toServer: string[] = []
  let toClient: string[] = []
  const session: TranscriptionSession = createTranscriptionSession(
    { setUp: { type: 'session.update', session: {} }, maxKeptBytes: 1000, finalTimeoutMs: 1000, takeBack },
    (given) => {
      callbacks = given
      return {
        get connected() {
          return connected
        },
        send: (text) => connected && toServer.push(text) > 0,
        close: () => given.onGone(null),
      }
    },
  )
  const deliver = {
    toServer(): void {
      const frame = toServer.shift()
      if (frame !== undefined) toClient.push(...transcriber.handle(frame).map((event) => JSON.stringify(event)))
    },
    toClient(): void {
      const frame = toClient.shift()
      if (frame !== undefined) callbacks?.onText(frame)
    },
  }
  return {
    session,
    deliver,
    received: () => transcriber.received,
    finish: () => toClient.push(...transcriber.finish().map((event) => JSON.stringify(event))),
    send: (frame: string) => callbacks?.onText(frame),
    connect() {
      if (connected) return
      connected = true
      callbacks?.onOpen()
    },
    drop() {
      if (!connected) return
      connected = false
      toServer = []
      toClient = []
      transcriber = createFakeTranscriber(server)
      callbacks?.onDown(new Error('dropped') as InferenceError)
    },
    settle() {
      while (toServer.length + toClient.length > 0) {
        deliver.toServer()
        deliver.toClient()
      }
    },
  }
}

type Wire = ReturnType<typeof wire>

const say = (line: Wire, text: string) => line.session.append(Buffer.from(text, 'latin1'))

/** What a commit came to: its text, or the kind of its error; undefined while it waits. */
function outcome(commit: Promise<{ text: string }>): { value?: string } {
  const result: { value?: string } = {}
  commit.then(
    ({ text }) => {
      result.value = text
    },
    (error: InferenceError) => {
      result.value = error.kind
    },
  )
  return result
}

const flushed = () => new Promise((resolve) => setImmediate(resolve))

const servers: [string, FakeTranscriberOptions][] = [
  ['a server that takes back', { takesBack: true }],
  ['a plain server', { takesBack: false }],
  ['a plain server that does not name the event it rejects', { takesBack: false, namesEvents: false }],
]

test.each(servers)('words are lost or doubled when a commit is taken back: %s', async (_, server) => {
  for (const [before, between] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ]) {
    const line = wire(server)
    line.connect()
    say(line, 'ab')
    const first = line.session.commit()
    const result = outcome(first)
    if (before) line.settle()
    await flushed()
    say(line, 'cd')
    if (between) line.settle()
    expect(line.session.reopen(before ? (await first).itemId : undefined)).toBe(true)
    say(line, 'ef')
    const second = outcome(line.session.commit())
    say(line, 'gh')
    line.settle()
    await flushed()
    expect([result.value, second.value]).toEqual([before || between ? 'ab' : 'aborted', 'abcdef'])
    const third = outcome(line.session.commit())
    line.settle()
    await flushed()
    expect(third.value).toBe('gh')
  }
})

test('a take-back while the final is still being computed lets the old text through', async () => {
  const line = wire({ takesBack: true, instant: false })
  line.connect()
  say(line, 'ab')
  const first = outcome(line.session.commit())
  line.settle()
  line.session.reopen()
  line.settle()
  line.finish()
  line.settle()
  say(line, 'cd')
  const second = outcome(line.session.commit())
  line.settle()
  line.finish()
  line.settle()
  await flushed()
  expect([first.value, second.value]).toEqual(['aborted', 'abcd'])
})

test('a plain server is asked for every take-back anew', async () => {
  const line = wire({ takesBack: false })
  line.connect()
  for (let i = 0; i < 3; i++) {
    say(line, 'a')
    outcome(line.session.commit())
    line.settle()
    line.session.reopen()
    line.settle()
  }
  expect(line.received().filter((type) => type === 'hotline.input_audio_buffer.reopen')).toHaveLength(1)
})

test('a commit is taken back that another one, or a clear, has sealed', () => {
  const line = wire({ takesBack: true })
  line.connect()
  expect(line.session.reopen()).toBe(false)
  say(line, 'ab')
  outcome(line.session.commit())
  line.session.clear()
  expect(line.session.reopen()).toBe(false)
  say(line, 'cd')
  outcome(line.session.commit())
  line.settle()
  expect(line.session.reopen('item_99')).toBe(false)
  expect(line.session.reopen()).toBe(true)
})

test('what is said while the line is down, or just before, is lost', async () => {
  const line = wire({ takesBack: true })
  say(line, 'ab')
  line.connect()
  line.settle()
  say(line, 'cd')
  line.drop()
  say(line, 'ef')
  const early = outcome(line.session.commit())
  say(line, 'gh')
  line.connect()
  line.settle()
  const late = outcome(line.session.commit())
  line.settle()
  await flushed()
  expect([early.value, late.value]).toEqual(['abcdef', 'gh'])
})

test('a new connection does not know the commit that is taken back', async () => {
  const line = wire({ takesBack: true })
  line.connect()
  say(line, 'ab')
  outcome(line.session.commit())
  line.settle()
  line.drop()
  line.connect()
  line.settle()
  expect(line.session.reopen()).toBe(true)
  say(line, 'cd')
  const result = outcome(line.session.commit())
  line.settle()
  await flushed()
  expect(result.value).toBe('abcd')
})

test('partials of audio that is committed or cleared already come late', () => {
  const line = wire({ takesBack: true })
  const partials: string[] = []
  line.session.on('partial', (text) => partials.push(text))
  line.connect()
  say(line, 'a')
  line.settle()
  say(line, 'b')
  outcome(line.session.commit())
  line.settle()
  expect(partials).toEqual(['a'])
  say(line, 'c')
  line.session.clear()
  line.settle()
  say(line, 'd')
  line.settle()
  expect(partials).toEqual(['a', 'd'])
})

test('deltas of a plain server do not add up to a partial', () => {
  const line = wire({ takesBack: false })
  const partials: string[] = []
  line.session.on('partial', (text) => partials.push(text))
  line.connect()
  const delta = (item_id: string, text: string) =>
    line.send(JSON.stringify({ type: 'conversation.item.input_audio_transcription.delta', item_id, delta: text }))
  delta('x', 'hel')
  delta('x', 'lo')
  delta('y', 'new')
  expect(partials).toEqual(['hel', 'hello', 'new'])
})

test('frames that are no events end the session, or go unnoticed', async () => {
  const line = wire({ takesBack: true })
  const errors: InferenceError[] = []
  line.session.on('error', (error) => errors.push(error))
  line.connect()
  const bad = ['', '{', 'null', '[]', '{"type":5}', '{"type":"input_audio_buffer.committed"}', '"x"']
  for (const frame of bad) line.send(frame)
  line.send('{"type":"rate_limits.updated"}')
  line.send('{"type":"input_audio_buffer.committed","item_id":"nobody_asked"}')
  line.send('{"type":"conversation.item.input_audio_transcription.completed","item_id":"x","transcript":"y"}')
  line.send('{"type":"hotline.input_audio_buffer.reopened","item_id":"x"}')
  line.send('{"type":"error","error":{"message":"boom","code":"server_error"}}')
  expect(errors.map(({ kind }) => kind)).toEqual([...bad.map(() => 'bad_response'), 'refused'])
  say(line, 'ab')
  const result = outcome(line.session.commit())
  line.settle()
  await flushed()
  expect(result.value).toBe('ab')
})

test('a bad frame without a listener takes the process down', () => {
  const line = wire({ takesBack: true })
  line.connect()
  expect(() => line.send('{')).not.toThrow()
})

test('a commit of nothing waits for a server that has nothing to say', async () => {
  const line = wire({ takesBack: true })
  line.connect()
  expect(await line.session.commit()).toEqual({ itemId: '', text: '' })
})

test('a commit that fails, or never ends, is not told to its owner', async () => {
  const line = wire({ takesBack: true, instant: false })
  line.connect()
  say(line, 'ab')
  const failed = line.session.commit()
  line.settle()
  line.send(
    '{"type":"conversation.item.input_audio_transcription.failed","item_id":"item_1","error":{"message":"","code":"x"}}',
  )
  await expect(failed).rejects.toMatchObject({ kind: 'bad_response', retryable: true })
  say(line, 'cd')
  await expect(line.session.commit()).rejects.toMatchObject({ kind: 'timeout' })
  say(line, 'ef')
  const closed = line.session.commit()
  line.session.close()
  await expect(closed).rejects.toMatchObject({ kind: 'aborted' })
  await expect(line.session.commit()).rejects.toMatchObject({ kind: 'aborted' })
})

test('a caller who never pauses fills the memory', async () => {
  const line = wire({ takesBack: true })
  for (let i = 0; i < 300; i++) say(line, `${String(i % 10).repeat(10)}`)
  line.connect()
  const result = outcome(line.session.commit())
  line.settle()
  await flushed()
  expect(result.value).toHaveLength(1000)
  expect(result.value?.endsWith('9999999999')).toBe(true)
})

test('words said after a commit that was held back are lost when that commit is taken back too', async () => {
  const line = wire({ takesBack: true })
  line.connect()
  say(line, 'a')
  outcome(line.session.commit())
  line.session.reopen()
  say(line, 'b')
  outcome(line.session.commit())
  say(line, 'c')
  line.session.reopen()
  line.settle()
  say(line, 'd')
  const result = outcome(line.session.commit())
  line.settle()
  await flushed()
  expect(result.value).toBe('abcd')
})

test('audio that the server would misread is transcribed after it refused the settings', async () => {
  const line = wire({ takesBack: true })
  const closed: (string | undefined)[] = []
  line.session.on('closed', (error) => closed.push(error?.kind))
  line.connect()
  line.send(JSON.stringify({ type: 'error', error: { event_id: 'event_1', code: 'unsupported_language' } }))
  expect(closed).toEqual(['refused'])
  say(line, 'ab')
  await expect(line.session.commit()).rejects.toMatchObject({ kind: 'refused' })
})

type Step = 'say' | 'commit' | 'reopen' | 'clear' | 'drop' | 'connect' | 'toServer' | 'toClient' | 'settle'

test('some order of events loses, doubles or mixes up words', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>('say') },
    { weight: 2, arbitrary: fc.constant<Step>('commit') },
    { weight: 2, arbitrary: fc.constant<Step>('reopen') },
    { weight: 4, arbitrary: fc.constantFrom<Step>('toServer', 'toClient') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('settle', 'clear') },
    { weight: 2, arbitrary: fc.constantFrom<Step>('drop', 'connect', 'connect', 'connect', 'connect') },
  )
  const server = fc.record({ takesBack: fc.boolean(), namesEvents: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(server, fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (options, steps) => {
      const line = wire(options)
      line.connect()
      const commits: { expected: string; result: { value?: string } }[] = []
      let open = ''
      let last: string | null = null
      let letter = 0
      for (const what of [...steps, 'connect', 'settle', 'say', 'commit', 'settle'] as const) {
        if (what === 'say') {
          const text = String.fromCharCode(97 + (letter++ % 26))
          open += text
          say(line, text)
        } else if (what === 'commit') {
          const result = outcome(line.session.commit())
          if (open === '') continue
          if (commits.filter((commit) => commit.result.value === undefined).length >= 8) return
          commits.push({ expected: open, result })
          last = open
          open = ''
        } else if (what === 'reopen') {
          expect(line.session.reopen()).toBe(last !== null)
          if (last === null) continue
          open = last + open
          last = null
        } else if (what === 'clear') {
          line.session.clear()
          open = ''
          last = null
        } else if (what === 'toServer' || what === 'toClient') line.deliver[what]()
        else line[what]()
        await null
      }
      await flushed()
      line.session.close()
      for (const { expected, result } of commits) expect([expected, 'aborted']).toContain(result.value)
      expect(commits.at(-1)?.result.value).toBe(commits.at(-1)?.expected)
    }),
    { numRuns: 1500 },
  )
})
