import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const nowhere = 'http://127.0.0.1:1'
const own = {
  MICETRO_API_URLS: 'https://micetro.example.com/mmws/api',
  MICETRO_API_USER: 'entra-sign-in',
  MICETRO_WEB_URL: 'https://micetro.example.com/',
  ENTRA_TENANT_ID: '11111111-1111-1111-1111-111111111111',
  ENTRA_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  ENTRA_REDIRECT_URI: 'http://localhost:7071/mmws/auth_cb/microsoft',
  ENTRA_CLOUD: 'custom',
  ENTRA_AUTHORITY_HOST: nowhere,
  GRAPH_ENDPOINT: nowhere,
}
const vault = { KEY_VAULT_URL: 'https://127.0.0.1:1/', IDENTITY_ENDPOINT: nowhere, IDENTITY_HEADER: 'header' }
const local = {
  MICETRO_API_PASSWORD: 'password',
  SIGN_IN_KEY: Buffer.alloc(32, 1).toString('base64'),
  ENTRA_CLIENT_CREDENTIAL: 'credential',
}

/** What beginning a sign-in in a fresh process loads. */
function loadedLater(env: Record<string, string>, ...args: string[]): string[] {
  const printed = execFileSync(process.execPath, ['test/web/preloaded.ts', ...args], { env, encoding: 'utf8' })
  return JSON.parse(printed) as string[]
}

test.each([
  ['with a vault', { ...own, ...vault }, '@azure/keyvault-secrets/'],
  ['without one', { ...own, ...local }, '/axios/'],
])('/login of a process that has started loads nothing any more, %s', (_, env, needed) => {
  expect(loadedLater(env).some((url) => url.includes(needed))).toBe(true)
  expect(loadedLater(env, 'preload')).toEqual([])
})
