import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'vitest'

/** Programs that Debian's packages bring; the platform itself needs none of them. */
export type Program = 'sipp' | 'baresip' | 'tcpdump'

const PACKAGE_OF: Readonly<Record<Program, string>> = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  tcpdump: 'tcpdump',
}

/** What keeps a program from being used here, or null. */
export function lackOf(program: Program, path = process.env.PATH ?? ''): string | null {
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin']
  if (!folders.some((folder) => isExecutable(join(folder, program)))) {
    return `${program} is not installed (Debian's package ${PACKAGE_OF[program]})`
  }
  if (program === 'tcpdump' && process.getuid?.() !== 0) return 'tcpdump may capture for root only'
  return null
}

/**
 * `test` where these programs can be used, else `test.skip`, after saying for lack of what. `.ci/run` installs them and
 * accepts no skipped test.
 */
export function testNeeding(...programs: Program[]): typeof test.skip {
  const lacking = programs.flatMap((program) => lackOf(program) ?? [])
  if (lacking.length === 0) return test
  console.warn(`skipped: ${lacking.join('; ')}`)
  return test.skip
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
