import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import { publicHint, publicReason, settingsOf } from '../../shared/web/publicHint.ts'

const names = {
  configuration: 'their-config',
  credential: 'their-credential',
  signInKey: 'their-key',
  micetroPassword: 'their-password',
  candidate: 'their-candidate',
}

describe('What anybody may read of a failure', () => {
  const rows: [failure: Failure, reason: string | undefined, settings: string | undefined][] = [
    [{ code: 'vault_unreachable', reason: 'ENOTFOUND' }, 'ENOTFOUND', 'KEY_VAULT_URL'],
    [
      { code: 'vault_forbidden', secret: 'their-key', action: 'read', reason: 'ForbiddenByRbac' },
      'ForbiddenByRbac',
      'SIGN_IN_KEY_SECRET',
    ],
    [{ code: 'secret_missing', secret: 'their-credential' }, undefined, 'ENTRA_CREDENTIAL_SECRET'],
    [{ code: 'secret_missing', secret: 'their-password' }, undefined, 'MICETRO_PASSWORD_SECRET'],
    [{ code: 'secret_missing', secret: 'their-candidate' }, undefined, 'ENTRA_CANDIDATE_SECRET'],
    [{ code: 'secret_invalid', secret: 'their-config', problem: 'map.x: bad' }, undefined, 'ENTRA_CONFIG_SECRET'],
    [
      { code: 'micetro_credentials', user: 'entra-sync', refused: 'log-in' },
      undefined,
      'MICETRO_API_USER and MICETRO_PASSWORD_SECRET',
    ],
    [
      { code: 'micetro_unreachable', hosts: ['inner.test'], reason: 'inner.test answered 503' },
      'answered 503',
      'MICETRO_API_URLS',
    ],
    [
      { code: 'micetro_unreachable', hosts: ['inner.test'], reason: 'no answer within 8000 ms' },
      'no answer within 8000 ms',
      'MICETRO_API_URLS',
    ],
    [
      { code: 'micetro_unreachable', hosts: ['inner.test'], reason: 'getaddrinfo inner.test' },
      undefined,
      'MICETRO_API_URLS',
    ],
    [
      { code: 'micetro_untrusted', host: 'inner.test', reason: 'CERT_HAS_EXPIRED' },
      'CERT_HAS_EXPIRED',
      'MICETRO_CA_CERTIFICATES',
    ],
    [{ code: 'entra_busy', status: 503 }, 'answered 503', undefined],
    [{ code: 'entra_refused', error: 'invalid_tenant', aadsts: 90002 }, 'AADSTS90002', undefined],
    [{ code: 'tenant_not_allowed', tenant: 'their-tenant' }, undefined, undefined],
  ]
  for (const [failure, reason, settings] of rows) {
    it(`of ${JSON.stringify(failure)} is ${reason ?? 'no reason'} and ${settings ?? 'no setting'}`, () =>
      expect([publicReason(failure), settingsOf(failure, names)]).toEqual([reason, settings]))
  }

  it('of a configuration is which settings are wrong, without the keys of the map', () => {
    const problems = ['client_id is missing', 'microsoft.groups.map.a-group-of-theirs: must be a GUID']
    expect(publicHint({ code: 'config_invalid', problems })).toBe(
      'The configuration is not valid: client_id is missing; microsoft.groups.map: must be a GUID.',
    )
  })
})
