/** A failure that the person at the keyboard can mend: says what is wrong and, in `remedy`, what to do. */
export class SetupFailure extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SetupFailure'
    this.remedy = remedy
  }
}

/** The lines that a person gets to see for any thrown value. A full disk is told apart wherever it strikes. */
export function failureText(error: unknown): string {
  if (error instanceof SetupFailure)
    return `error  ${[error.message, error.remedy].join('\n').replaceAll('\n', '\n       ')}`
  const { code, message, stack } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  if (code === 'ENOSPC' || /no space left on device/i.test(message)) {
    return `error  The disk is full: ${message}\n       Free some space, or set HOTLINE_CACHE and HOTLINE_DATA to folders on another disk, and start again.`
  }
  return `error  ${stack ?? message}`
}
