import { createCipheriv, createDecipheriv, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { type Attempt, type Jwks, plainWay, type Tools } from './plainWay.ts'
import type { Settings, Way } from './way.ts'

/** The standard library alone. */
export const create = (settings: Settings): Way => plainWay(tools(settings), settings)

function tools(settings: Settings): Tools {
  const { KEY_VAULT_URL: vault, ENTRA_CLIENT_ID: clientId = '', ENTRA_REDIRECT_URI: redirectUri = '' } = settings
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: 64 })
  const call: Tools['call'] = <T>(method: string, url: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<T>((resolve, reject) => {
      const sent = url.startsWith('https:')
        ? tlsRequest(url, { method, headers, agent: tlsAgent })
        : request(url, { method, headers, agent })
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as T))
      })
      sent.on('error', reject)
      sent.end(body)
    })

  let identity: Promise<{ access_token: string }> | undefined
  let key: KeyObject | undefined
  return {
    call,
    async secret(name, setting) {
      if (!vault) return settings[setting] ?? ''
      const query = `api-version=2019-08-01&resource=https://vault.azure.net&client_id=${settings.AZURE_CLIENT_ID}`
      identity ??= call('GET', `${settings.IDENTITY_ENDPOINT}?${query}`, {
        'x-identity-header': settings.IDENTITY_HEADER ?? '',
      })
      const headers = { authorization: `Bearer ${(await identity).access_token}` }
      return (await call<{ value: string }>('GET', `${vault}/secrets/${name}?api-version=2025-07-01`, headers)).value
    },
    authorizationUrl({ authorization_endpoint }, { state, nonce }, challenge) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        response_mode: 'form_post',
        scope: 'User.Read openid profile',
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      return `${authorization_endpoint}?${query}`
    },
    redeem({ token_endpoint }, { code, verifier, credential }) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_id: clientId,
        client_secret: credential,
      })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return call('POST', token_endpoint, headers, form.toString())
    },
    verify(token, { keys }: Jwks, { issuer }, nonce) {
      key ??= createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
      const [head = '', payload = '', signature = ''] = token.split('.')
      if (!verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url')))
        throw new Error('signature')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
      if (claims.nonce !== nonce || claims.iss !== issuer || claims.aud !== clientId) throw new Error('claims')
    },
    seal(attempt, key) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64'), iv)
      const sealed = Buffer.concat([cipher.update(JSON.stringify(attempt)), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(sealed, key) {
      const bytes = Buffer.from(sealed, 'base64url')
      const cipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), bytes.subarray(0, 12))
      cipher.setAuthTag(bytes.subarray(12, 28))
      return JSON.parse(Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString()) as Attempt
    },
  }
}
