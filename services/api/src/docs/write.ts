import { mkdir, writeFile } from 'node:fs/promises'
import { createDescribedApp } from './describe.js'
import { apiReference, type Described } from './reference.js'

/** Writes docs/api.md of the repository. */
const target = new URL('../../../../docs/api.md', import.meta.url)
const app = await createDescribedApp()
await mkdir(new URL('.', target), { recursive: true })
await writeFile(target, apiReference(app.swagger() as Described))
await app.close()
