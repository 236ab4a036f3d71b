import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

export interface WorkerBundle {
  url: URL
  remove(): void
}

/**
 * Makes one JavaScript file of a worker thread's sources, for tests that run without a build.
 * @param entry the worker's TypeScript file.
 */
export async function bundleWorker(entry: URL): Promise<WorkerBundle> {
  // Inside the package, so that Node finds its dependencies from there.
  const packageFolder = new URL('../../', import.meta.url)
  const folder = new URL(`node_modules/.worker-test/${process.pid}-${Date.now()}/`, packageFolder)
  mkdirSync(folder, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(packageFolder),
    resolve: { alias: { '@hotline/audio': fileURLToPath(new URL('../audio/src/index.ts', packageFolder)) } },
    ssr: { noExternal: [/^@hotline\//] },
    build: {
      ssr: fileURLToPath(entry),
      outDir: fileURLToPath(folder),
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  return {
    url: pathToFileURL(fileURLToPath(new URL('worker.mjs', folder))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
