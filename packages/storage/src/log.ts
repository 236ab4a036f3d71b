/** The least that storage asks of a logger; pino's fits. */
export interface StorageLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * An error in words that may be logged. A database's error carries the query's parameters, which are people's words:
 * of such an error only the cause's code and name are told.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const cause = error.cause
  if (cause instanceof Error) {
    const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : ''
    return `${error.name}: ${cause.name}${code}`
  }
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.message.slice(0, 200)
}
