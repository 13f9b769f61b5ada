import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { ManagedIdentityCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { Axios } from 'axios'
import { CompactEncrypt, type CryptoKey, compactDecrypt, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { type Attempt, type Metadata, plainWay, type Tools } from './plainWay.ts'
import type { Settings, Way } from './way.ts'

/** axios, MSAL, jose and the SDKs of Azure, as lean as each of them can be used. */
export const create = (settings: Settings): Way => plainWay(tools(settings), settings)

function tools(settings: Settings): Tools {
  const { KEY_VAULT_URL: vault, ENTRA_CLIENT_ID: clientId = '', ENTRA_REDIRECT_URI: redirectUri = '' } = settings
  const client = new Axios({
    adapter: 'http',
    responseType: 'text',
    httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }),
    httpsAgent: new TlsAgent({ keepAlive: true, maxSockets: 64 }),
    maxRedirects: 0,
    proxy: false,
  })
  const call: Tools['call'] = async <T>(
    method: string,
    url: string,
    headers?: Record<string, string>,
    data?: string,
  ) => {
    const answer = await client.request<string>({ method, url, ...(headers && { headers }), data })
    return JSON.parse(answer.data) as T
  }

  /** A fresh one for each redemption: one that is shared keeps the tokens of all. */
  const msal = (metadata: Metadata, clientSecret: string): ConfidentialClientApplication => {
    const authority = metadata.issuer.replace(/^http:/, 'https:').replace(/\/v2\.0$/, '')
    const send = async <T>(
      method: string,
      url: string,
      options?: { headers?: Record<string, string>; body?: string },
    ) => {
      const body = await call<T>(method, url, options?.headers, options?.body)
      return { status: 200, body, headers: {} }
    }
    return new ConfidentialClientApplication({
      auth: {
        clientId,
        clientSecret,
        authority,
        knownAuthorities: [new URL(authority).host],
        authorityMetadata: JSON.stringify(metadata),
      },
      system: {
        networkClient: {
          sendGetRequestAsync: (url, options) => send('GET', url, options),
          sendPostRequestAsync: (url, options) => send('POST', url, options),
        },
      },
    })
  }
  const request = { scopes: ['User.Read'], redirectUri }

  let secrets: SecretClient | undefined
  let departing: ConfidentialClientApplication | undefined
  let jwks: ReturnType<typeof createLocalJWKSet> | undefined
  let imported: Promise<CryptoKey> | undefined
  /** Plain bytes would be imported anew for every cookie. */
  const cookieKey = (key: string): Promise<CryptoKey> => {
    imported ??= crypto.subtle.importKey('raw', Buffer.from(key, 'base64'), 'AES-GCM', false, ['encrypt', 'decrypt'])
    return imported
  }
  return {
    call,
    async secret(name, setting) {
      if (!vault) return settings[setting] ?? ''
      // The check of the vault's name knows Azure's own names only.
      secrets ??= new SecretClient(vault, new ManagedIdentityCredential({ clientId: settings.AZURE_CLIENT_ID ?? '' }), {
        disableChallengeResourceVerification: true,
      })
      return (await secrets.getSecret(name)).value ?? ''
    },
    authorizationUrl(metadata, { state, nonce }, codeChallenge) {
      departing ??= msal(metadata, 'none is needed')
      const attempt = { state, nonce, codeChallenge, codeChallengeMethod: 'S256' }
      return departing.getAuthCodeUrl({ ...request, ...attempt, responseMode: 'form_post' })
    },
    async redeem(metadata, { code, verifier, nonce, credential }) {
      const grant = { ...request, code, codeVerifier: verifier, nonce }
      const { idToken, accessToken } = await msal(metadata, credential).acquireTokenByCode(grant)
      return { id_token: idToken, access_token: accessToken }
    },
    async verify(token, keys, { issuer }, nonce) {
      jwks ??= createLocalJWKSet(keys as JSONWebKeySet)
      const { payload } = await jwtVerify(token, jwks, { issuer, audience: clientId, algorithms: ['RS256'] })
      if (payload.nonce !== nonce) throw new Error('nonce')
    },
    seal: async (attempt, key) =>
      new CompactEncrypt(Buffer.from(JSON.stringify(attempt)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(await cookieKey(key)),
    async open(sealed, key) {
      const { plaintext } = await compactDecrypt(sealed, await cookieKey(key))
      return JSON.parse(Buffer.from(plaintext).toString()) as Attempt
    },
  }
}
