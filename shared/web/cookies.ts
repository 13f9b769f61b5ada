import { AppError } from '../failure.ts'

/**
 * Cookies of a request with all values that came for a name (RFC 6265 5.4). The Functions host joins several Cookie
 * lines by a comma, so that parts one from the next as well. Only space and tab are no part of a name or value: with
 * any other blank before it, a name is another name.
 */
export function readCookies(header: string | null): Map<string, string[]> {
  const cookies = new Map<string, string[]>()
  for (const part of (header ?? '').split(/[;,]/)) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    const name = trim(part.slice(0, equals))
    if (name !== '') cookies.set(name, [...(cookies.get(name) ?? []), trim(part.slice(equals + 1))])
  }
  return cookies
}

const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/**
 * The one value of a cookie. Which of two is ours cannot be known, so neither counts.
 * @throws AppError bad_request
 */
export function onlyCookie(cookies: ReadonlyMap<string, readonly string[]>, name: string): string | undefined {
  const [value, ...more] = cookies.get(name) ?? []
  if (more.length > 0) throw new AppError({ code: 'bad_request', problem: 'the cookie of this sign-in came twice' })
  return value
}
