import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { createCertificateAuthority } from '../simulators/certificateAuthority.ts'
import { chromiumPath, launchBrowser, settled } from './browser.ts'

/**
 * Two registrable names, as Entra ID and the application have them in real life. Entra ID's is a loopback name, because
 * its metadata must lie on the host of its authority.
 */
const names = { app: 'app.micetro.test', entra: 'localhost' }
const callbackPath = '/mmws/auth_cb/microsoft'

/** TLS in front of the host, as a function app has it. */
async function startFront(target: () => number): Promise<{ port: number; server: Server; close(): void }> {
  const sockets = new Set<Socket>()
  const certificate = await (await createCertificateAuthority()).issue([names.app])
  const server = createServer(certificate, (browser) => {
    const host = connect(target(), '127.0.0.1')
    for (const [from, to] of [
      [browser, host],
      [host, browser],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, server, close }
}

describe.skipIf(chromiumPath === undefined)('over https, with Entra ID on another site', () => {
  let stage: Stage
  let browser: Browser
  let front: Awaited<ReturnType<typeof startFront>>
  let origin: string

  beforeAll(async () => {
    front = await startFront(() => stage.port)
    origin = `https://${names.app}:${front.port}`
    stage = await startStage({ origin, entraName: names.entra })
    browser = await launchBrowser(Object.values(names))
  })
  afterAll(async () => {
    await browser?.close()
    front?.close()
    await stage?.close()
  })

  /** A browser, and every address, referrer, answer of the callback and code that it saw. */
  async function person() {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    const seen = { addresses: [] as string[], callbacks: [] as string[], codes: [] as string[] }
    page.on('request', (request) => {
      seen.addresses.push(request.url(), request.headers().referer ?? '')
      const code = new URLSearchParams(request.postData() ?? '').get('code')
      if (code !== null) seen.codes.push(code)
      mustNotBePrinted(code)
    })
    page.on('response', (response) => {
      if (new URL(response.url()).pathname === callbackPath)
        seen.callbacks.push(`${response.request().method()} ${response.status()}`)
    })
    page.on('framenavigated', (frame) => void seen.addresses.push(frame.url()))
    return { context, page, seen }
  }

  async function historyOf(page: Page): Promise<string[]> {
    const session = await page.context().newCDPSession(page)
    const { entries } = await session.send('Page.getNavigationHistory')
    return entries.flatMap(({ url, userTypedURL }) => [url, userTypedURL])
  }

  test('a sign-in comes back in one step, and its code is in no address, history entry, referrer or line', async () => {
    const { context, page, seen } = await person()
    await page.goto(`${origin}/login`)
    expect(new URL(page.url()).hostname).toBe(names.entra)
    const [cookie] = await context.cookies(origin)
    expect(cookie).toMatchObject({ sameSite: 'None', secure: true, httpOnly: true, path: '/', domain: names.app })
    mustNotBePrinted(cookie?.value)

    await page.locator('button[value="alice"]').click()
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(await page.getByTestId('account-name').textContent()).toBe('alice@contoso.com')
    expect(seen.callbacks).toEqual(['POST 303'])
    expect(seen.codes).toHaveLength(1)
    const [code = ''] = seen.codes
    expect(code.length).toBeGreaterThan(20)
    const history = await historyOf(page)
    expect(history.some((url) => new URL(url).hostname === names.entra)).toBe(true)
    expect([...seen.addresses, ...history, stage.output()].filter((text) => text.includes(code))).toEqual([])
    expect(await context.cookies(origin)).toEqual([])
    await context.close()
  })

  test('what Entra ID refuses comes back in one step, too', async () => {
    const { context, page, seen } = await person()
    await page.goto(`${origin}/login`)
    await page.locator('button[name="cancel"]').click()
    await settled(page)
    expect(page.url()).toBe(origin + callbackPath)
    expect(await page.locator('h1').textContent()).toContain('was cancelled')
    expect(seen.callbacks).toEqual(['POST 400'])
    await context.close()
  })

  test('a browser that holds the cookie back takes the same-site step', async () => {
    const { context, page, seen } = await person()
    await page.goto(`${origin}/login`)
    const cookies = await context.cookies(origin)
    await context.addCookies(cookies.map((cookie) => ({ ...cookie, sameSite: 'Lax' as const })))
    await page.locator('button[value="nora"]').click()
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(seen.callbacks).toEqual(['POST 200', 'POST 303'])
    await context.close()
  })

  test('no secret was printed', () => expectNoSecrets(stage))
})
