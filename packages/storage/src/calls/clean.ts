/** The same JSON value with what Postgres cannot hold in text replaced: NUL and halves of surrogate pairs. */
export function cleanJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd') : part,
  ) as T
}
