import { describe, expect, it } from 'vitest'
import type { Prepared } from '../prepare/prepare.js'
import { describeProcesses, sharedEnvironment } from './processes.js'
import { readRunSettings } from './settings.js'

const envOf = (name: string) => ({ name, folder: '', python: `/c/${name}/bin/python`, requirements: [], print: '' })
const prepared: Prepared = {
  envs: { llm: envOf('llm'), speech: envOf('speech'), dev: envOf('dev') },
  redisServer: '/usr/bin/redis-server',
  languageModel: '/c/models/smollm2-135m-instruct',
  gpu: false,
}

function inputs(env: Record<string, string>) {
  return {
    paths: { root: '/r', cache: '/c', models: '/c/models', data: '/d', gpuWorker: '/r/gpu-worker' },
    prepared,
    settings: readRunSettings(env),
    ports: { redis: 1, llm: 2, llmHealth: 3, speech: 4, media: 5, drachtio: 6 },
    temporary: '/t',
    env,
  }
}

const names = (env: Record<string, string>) => describeProcesses(inputs(env)).map(({ name }) => name)

describe('processes of a start', () => {
  it('by default the whole PoP runs', () => {
    expect(names({})).toEqual(['redis', 'llm', 'speech', 'api', 'signaling', 'media'])
  })

  it('a service that runs elsewhere is not started here', () => {
    expect(names({ REDIS_URL: 'redis://r', LLM_URL: 'http://l/v1' })).toEqual(['speech', 'api', 'signaling', 'media'])
    expect(names({ ASR_URL: 'ws://a/v1' })).toContain('speech')
    expect(names({ ASR_URL: 'ws://a/v1', TTS_URL: 'http://t/v1' })).not.toContain('speech')
    expect(names({ SIP_SIGNALING: 'drachtio' })).not.toContain('signaling')
  })

  it('workers elsewhere are what the services are pointed at', () => {
    const env = sharedEnvironment(inputs({ LLM_URL: 'http://gpu/v1', TTS_URL: 'http://tts/v1' }))
    expect(env).toMatchObject({ LLM_URL: 'http://gpu/v1', TTS_URL: 'http://tts/v1', ASR_URL: 'ws://127.0.0.1:4/v1' })
  })

  it('the secret between signaling and media is another one at every start', () => {
    const secret = () => sharedEnvironment(inputs({})).DRACHTIO_SECRET ?? ''
    expect(secret()).not.toBe(secret())
    expect(secret().length).toBeGreaterThanOrEqual(32)
  })

  it('a drachtio-server of the person keeps its own address and secret', () => {
    const given = { SIP_SIGNALING: 'drachtio', DRACHTIO_HOST: '10.0.0.9', DRACHTIO_SECRET: 's' }
    expect(sharedEnvironment(inputs(given))).toMatchObject({
      DRACHTIO_HOST: '10.0.0.9',
      DRACHTIO_PORT: '9022',
      DRACHTIO_SECRET: 's',
    })
  })

  it('media gets its drain before it is killed', () => {
    const media = describeProcesses(inputs({ HOTLINE_DRAIN_MS: '60000' })).find(({ name }) => name === 'media')
    expect(media?.graceMs).toBeGreaterThan(60_000)
  })

  it('media reaches an API that listens on all addresses', () => {
    const env = sharedEnvironment(inputs({ HOTLINE_HOST: '0.0.0.0', HOTLINE_API_KEY: 'k' }))
    expect(env.API_URL).toBe('http://127.0.0.1:8080')
  })
})
