import { printedByThen } from '../host/printedByThen.ts'
import { mustNotBePrinted } from './noSecrets.ts'

/** An answer as a browser would have it, not followed. */
export interface Visit {
  url: string
  status: number
  headers: Headers
  body: string
  /** Absolute address of a redirect. */
  location: string | undefined
}

/** A browser without a screen: it keeps cookies for each host and follows redirects when told to. */
export class UserAgent {
  /** By host; ports share cookies, as in browsers. */
  readonly cookies = new Map<string, Map<string, string>>()

  async visit(url: string, init: RequestInit = {}): Promise<Visit> {
    const { hostname } = new URL(url)
    const jar = this.cookies.get(hostname) ?? new Map<string, string>()
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const gone = attributes.some((each) => /^max-age=0$/i.test(each))
      if (gone) jar.delete(name)
      else jar.set(name, pair.slice(name.length + 1))
      mustNotBePrinted(pair.slice(name.length + 1))
    }
    this.cookies.set(hostname, jar)
    const location = response.headers.get('location')
    const body = await response.text()
    await printedByThen()
    return {
      url,
      status: response.status,
      headers: response.headers,
      body,
      location: location === null ? undefined : new URL(location, url).href,
    }
  }

  post(url: string, fields: Record<string, string>): Promise<Visit> {
    return this.visit(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
  }
}

/** The hidden fields of the first form of a page. */
export function hiddenFields(body: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [, name = '', value = ''] of body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    fields[name] = value
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&')
  }
  return fields
}
