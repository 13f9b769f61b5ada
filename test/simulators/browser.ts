import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Page {
  url: URL
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** Where a redirect leads that the browser did not follow. */
  location: URL | undefined
}

/** The fields with which a sign-in goes back to the application, whatever the response mode. */
export interface Return {
  /** Address without the answer's fields. */
  redirectUri: string
  method: 'GET' | 'POST'
  fields: URLSearchParams
}

/**
 * A browser without a screen: it keeps cookies by host name, as browsers do, whatever the port, and follows redirects as
 * long as they stay on the port of the first address.
 */
export class Browser {
  readonly #ca: string
  readonly #cookies = new Map<string, Map<string, string>>()

  /** @param ca root certificate of the simulators, PEM */
  constructor(ca: string) {
    this.#ca = ca
  }

  async open(address: string | URL, form?: Record<string, string>): Promise<Page> {
    const first = new URL(address)
    let page = await this.#send(first, form)
    for (let step = 0; page.location?.port === first.port && step < 10; step += 1) {
      page = await this.#send(page.location, undefined)
    }
    return page
  }

  /** Opens the address of an authorization request and, where the picker shows, picks the user. */
  async signIn(address: string | URL, user: string): Promise<Page> {
    const page = await this.open(address)
    const action = attribute(page.text, /<form method="post" action="([^"]*)">/)
    const transaction = attribute(page.text, /name="transaction" value="([^"]*)"/)
    if (action === undefined || transaction === undefined) return page
    return this.open(new URL(action, page.url), { transaction, user })
  }

  #send(url: URL, form: Record<string, string> | undefined): Promise<Page> {
    const jar = this.#cookies.get(url.hostname) ?? new Map<string, string>()
    this.#cookies.set(url.hostname, jar)
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const headers: Record<string, string> = {
      accept: 'text/html',
      ...(jar.size > 0 && { cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ') }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const options = { method: body === undefined ? 'GET' : 'POST', headers, agent: false, ca: this.#ca }
    return new Promise((resolve, reject) => {
      const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
      request.on('error', reject)
      request.on('response', (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
          if (name === undefined || value === undefined) continue
          if (value === '') jar.delete(name)
          else jar.set(name, value)
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const { location } = response.headers
          resolve({
            url,
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
            location: location === undefined ? undefined : new URL(location, url),
          })
        })
      })
      request.end(body)
    })
  }
}

function attribute(html: string, pattern: RegExp): string | undefined {
  return pattern.exec(html)?.[1]?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}

/** Reads how a sign-in went back to the application. @throws TypeError when it did not */
export function returnOf(page: Page): Return {
  if (page.location !== undefined) {
    const { origin, pathname, hash, searchParams } = page.location
    const fields = hash === '' ? searchParams : new URLSearchParams(hash.slice(1))
    return { redirectUri: `${origin}${pathname}`, method: 'GET', fields }
  }
  const action = attribute(page.text, /<form method="post" action="([^"]*)">/)
  const inputs = page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  if (action === undefined || !page.text.includes('document.forms[0].submit()')) {
    throw new TypeError(`the sign-in did not go back to the application: ${page.status}`)
  }
  const fields = new URLSearchParams()
  for (const [text] of inputs) {
    fields.append(attribute(text, /name="([^"]*)"/) ?? '', attribute(text, /value="([^"]*)"/) ?? '')
  }
  return { redirectUri: action, method: 'POST', fields }
}
