/** What the signaling process reads from its environment. */
export interface Settings {
  readonly host: string
  readonly sipPort: number
  readonly drachtioPort: number
  readonly secret: string
}

/** Reads and checks the environment; throws an error that says which variable is wrong. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    host: env.HOTLINE_HOST || '127.0.0.1',
    sipPort: port(env, 'HOTLINE_SIP_PORT', 5060),
    drachtioPort: port(env, 'DRACHTIO_PORT', 9022),
    secret: env.DRACHTIO_SECRET || 'cymru',
  }
}

function port(env: Readonly<Record<string, string | undefined>>, name: string, fallback: number): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new Error(`${name} must be a port from 1 to 65535, not ${JSON.stringify(text)}`)
  }
  return value
}
