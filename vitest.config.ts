import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Tests read the sources, so that a unit run needs no build.
const packages = readdirSync(new URL('./packages', import.meta.url))
const alias = Object.fromEntries(
  packages.map((name) => [`@hotline/${name}`, new URL(`./packages/${name}/src/index.ts`, import.meta.url).pathname]),
)

export default defineConfig({
  resolve: { alias },
  test: {
    // The platform of the end-to-end tests ends within this.
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,services}/*/src/**/*.test.ts', 'setup/src/**/*.test.ts', 'test/src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/platform.setup.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
