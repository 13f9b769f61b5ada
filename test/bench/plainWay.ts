import { createHash, randomBytes } from 'node:crypto'
import type { Settings, Way } from './way.ts'

/** Between leaving for Entra ID and coming back; kept in a cookie. */
export type Attempt = Record<'state' | 'nonce' | 'verifier', string>

export interface Metadata {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  jwks_uri: string
}

export interface Jwks {
  keys: JsonWebKey[]
}
type JsonWebKey = import('node:crypto').JsonWebKey

/** What a way of signing people in is made of. */
export interface Tools {
  /** @returns the body, parsed */
  call<T>(method: string, url: string, headers?: Record<string, string>, body?: string): Promise<T>
  /** @param name in the vault @param setting in the environment, where there is no vault */
  secret(name: string, setting: string): Promise<string>
  authorizationUrl(metadata: Metadata, attempt: Attempt, challenge: string): string | Promise<string>
  redeem(
    metadata: Metadata,
    grant: { code: string; verifier: string; nonce: string; credential: string },
  ): Promise<{ id_token: string; access_token: string }>
  /** @throws Error when signature, issuer, audience or nonce do not fit */
  verify(token: string, jwks: Jwks, metadata: Metadata, nonce: string): void | Promise<void>
  seal(attempt: Attempt, key: string): string | Promise<string>
  open(sealed: string, key: string): Attempt | Promise<Attempt>
}

const random = (): string => randomBytes(32).toString('base64url')

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load()
    return loaded
  }
}

/** The same calls as ours and the checks that a sign-in cannot go without, with the given tools and nothing around them. */
export function plainWay(
  { call, secret, authorizationUrl, redeem, verify, seal, open }: Tools,
  { MICETRO_API_URLS: micetro = '', GRAPH_ENDPOINT: graph = '', ...settings }: Settings,
): Way {
  const sealingKey = once(() => secret('micetro-sign-in-key', 'SIGN_IN_KEY'))
  const credential = once(() => secret('micetro-entra-client-credential', 'ENTRA_CLIENT_CREDENTIAL'))
  const metadata = once(() => {
    const authority = `${settings.ENTRA_AUTHORITY_HOST}/${settings.ENTRA_TENANT_ID}/v2.0`
    return call<Metadata>('GET', `${authority}/.well-known/openid-configuration`)
  })
  const signingKeys = once(async () => call<Jwks>('GET', (await metadata()).jwks_uri))
  const session = once(async () => {
    const password = await secret('micetro-api-password', 'MICETRO_API_PASSWORD')
    const body = JSON.stringify({ loginName: settings.MICETRO_API_USER, password })
    const { result } = await call<{ result: { session: string } }>('POST', `${micetro}/micetro/sessions`, {}, body)
    return { authorization: `Bearer ${result.session}` }
  })
  const micetroGroups = once(async () => {
    const refs = new Map<string, string>()
    for (let offset = 0, total = 1; offset < total; ) {
      const { result } = await call<{ result: { groups: { name: string; ref: string }[]; totalResults: number } }>(
        'GET',
        `${micetro}/Groups?offset=${offset}&limit=500`,
        await session(),
      )
      for (const { name, ref } of result.groups) refs.set(name, ref)
      total = result.totalResults
      offset += result.groups.length
    }
    return refs
  })
  const definition = once(async () => call('GET', `${micetro}/swagger.json`, await session()))

  /** The code for tokens; then profile and groups, and what goes beside them. */
  const authenticate = async (code: string, verifier: string, nonce: string, beside?: () => Promise<unknown>) => {
    const [found, secret] = await Promise.all([metadata(), credential()])
    const redeemed = redeem(found, { code, verifier, nonce, credential: secret })
    const [{ id_token, access_token }, jwks] = await Promise.all([redeemed, signingKeys()])
    await verify(id_token, jwks, found, nonce)
    const headers = { authorization: `Bearer ${access_token}` }
    const groups = async (): Promise<unknown[]> => {
      const all: unknown[] = []
      let url: string | undefined = `${graph}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$top=999`
      while (url !== undefined) {
        const page: { value: unknown[]; '@odata.nextLink'?: string } = await call('GET', url, headers)
        all.push(...page.value)
        url = page['@odata.nextLink']
      }
      return all
    }
    await Promise.all([groups(), call('GET', `${graph}/v1.0/me`, headers), beside?.()])
  }

  return {
    async begin() {
      const attempt = { state: random(), nonce: random(), verifier: random() }
      const [key, found] = await Promise.all([sealingKey(), metadata()])
      const challenge = createHash('sha256').update(attempt.verifier).digest('base64url')
      const [location, sealed] = await Promise.all([authorizationUrl(found, attempt, challenge), seal(attempt, key)])
      return { location, sealed, state: attempt.state }
    },
    async complete({ state, sealed }, code) {
      const attempt = await open(sealed, await sealingKey())
      if (attempt.state !== state) throw new Error('another state')
      await authenticate(code, attempt.verifier, attempt.nonce, async () => {
        const account = call('GET', `${micetro}/Users?filter=name%3Dbench%40contoso.com`, await session())
        await Promise.all([account, micetroGroups(), definition()])
      })
    },
    central: (nonce) => authenticate(nonce, 'verifier-of-central', nonce),
  }
}
