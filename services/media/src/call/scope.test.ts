import { expect, it } from 'vitest'
import { Scope } from './scope.js'

it('releases in reverse order, even when one release fails', async () => {
  const order: string[] = []
  const errors: unknown[] = []
  const scope = new Scope((error) => errors.push(error))
  scope.add(() => void order.push('ports'))
  scope.add(() => {
    throw new Error('socket already gone')
  })
  scope.add(async () => void order.push('stream'))
  await scope.close()
  expect(order).toEqual(['stream', 'ports'])
  expect(errors).toHaveLength(1)
  expect(scope.signal.aborted).toBe(true)
})

it('leaks nothing that is made after the call has ended', async () => {
  const scope = new Scope(() => {})
  await scope.close()
  let released = false
  scope.add(() => {
    released = true
  })
  expect(released).toBe(true)
})

it('releases once when it is closed twice', async () => {
  let count = 0
  const scope = new Scope(() => {})
  scope.add(() => void count++)
  await Promise.all([scope.close(), scope.close()])
  expect(count).toBe(1)
})
