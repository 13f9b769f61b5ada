import { describe, expect, it } from 'vitest'
import { vaultScope } from '../../shared/configuration/azureIdentity.ts'
import { SettingsSecretStore } from '../../shared/configuration/secretStore.ts'
import { vaultFailure } from '../../shared/configuration/vaultSecretStore.ts'
import type { Failure } from '../../shared/failure.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'

const name = 'micetro-sign-in-key'

/** Errors as the SDK throws them. */
const rest = (statusCode: number | undefined, code?: string, inner?: string): Error =>
  Object.assign(new Error('hush'), {
    name: 'RestError',
    ...(statusCode !== undefined && { statusCode }),
    ...(code !== undefined && { code }),
    ...(inner !== undefined && { details: { error: { innerError: { code: inner } } } }),
  })
const named = (errorName: string): Error => Object.assign(new Error('hush'), { name: errorName })

describe('An error of the vault', () => {
  const cases: [name: string, error: unknown, failure: Failure][] = [
    [
      'of 401 is a matter of rights',
      rest(401),
      { code: 'vault_forbidden', secret: name, reason: '401', action: 'read' },
    ],
    [
      'of 403 names what forbids it',
      rest(403, 'Forbidden', 'ForbiddenByFirewall'),
      { code: 'vault_forbidden', secret: name, reason: 'ForbiddenByFirewall', action: 'read' },
    ],
    [
      'of 403 may name little',
      rest(403, 'Forbidden'),
      { code: 'vault_forbidden', secret: name, reason: 'Forbidden', action: 'read' },
    ],
    ['of 404 means that the secret is missing', rest(404, 'SecretNotFound'), { code: 'secret_missing', secret: name }],
    ['of 429 means throttling', rest(429), { code: 'vault_throttled' }],
    ['of 500 means out of order', rest(500), { code: 'vault_unreachable', reason: '500' }],
    ['of 503 may have a code', rest(503, 'Busy'), { code: 'vault_unreachable', reason: '503 Busy' }],
    ['without an answer has a code', rest(undefined, 'ENOTFOUND'), { code: 'vault_unreachable', reason: 'ENOTFOUND' }],
    ['without anything has its name', named('AbortError'), { code: 'vault_unreachable', reason: 'AbortError' }],
    ['that is no error is unknown', 'hush', { code: 'vault_unreachable', reason: 'unknown' }],
    ...['CredentialUnavailableError', 'AuthenticationError', 'AggregateAuthenticationError'].map(
      (reason): [string, unknown, Failure] => [
        `named ${reason} is one of the identity`,
        named(reason),
        { code: 'identity_unavailable', reason },
      ],
    ),
    [
      'of an identity that cannot be reached has the code of the connection',
      Object.assign(named('CredentialUnavailableError'), { code: 'ECONNREFUSED' }),
      { code: 'identity_unavailable', reason: 'ECONNREFUSED' },
    ],
  ]
  for (const [rule, error, failure] of cases) it(rule, () => expect(vaultFailure(name, error)).toEqual(failure))
})

describe('The token of a vault is asked for', () => {
  const vaults: [where: string, vault: string, scope: string][] = [
    ['in the public cloud', 'https://micetro.vault.azure.net/', 'https://vault.azure.net/.default'],
    ['in China', 'https://micetro.vault.azure.cn/', 'https://vault.azure.cn/.default'],
    ['for the US government', 'https://micetro.vault.usgovcloudapi.net/', 'https://vault.usgovcloudapi.net/.default'],
    ['of a simulated vault', 'https://localhost:8443/', 'https://vault.azure.net/.default'],
  ]
  for (const [where, vault, scope] of vaults) it(where, () => expect(vaultScope(new URL(vault))).toBe(scope))
})

describe('Without a vault', () => {
  const store = new SettingsSecretStore(new Map([[name, new Secret('key')]]))

  it('a secret is the value of its setting', async () => {
    expect((await store.read(name))?.value.reveal()).toBe('key')
  })

  it('a secret whose setting is missing is missing', async () => {
    expect(await store.read('other')).toBeUndefined()
  })

  it('nothing can be saved', async () => {
    expect(await failureIn(() => store.write())).toEqual({
      code: 'config_invalid',
      problems: ['nothing can be saved without KEY_VAULT_URL'],
    })
  })
})
