import { describe, expect, it } from 'vitest'
import { explain } from '../shared/catalogue.ts'
import type { TokenCheck } from '../shared/entra/failures.ts'
import type { Failure, FailureCode } from '../shared/failure.ts'

const hosts = ['micetro1.test', 'micetro2.test']

/** One of each kind with the status it must have; a new member does not compile until it stands here. */
const catalogue: { [Code in FailureCode]: [failure: Extract<Failure, { code: Code }>, status: number] } = {
  config_invalid: [{ code: 'config_invalid', problems: ['ENTRA_CLIENT_ID is not set', 'second problem'] }, 500],
  sign_in_disabled: [{ code: 'sign_in_disabled' }, 403],
  vault_unreachable: [{ code: 'vault_unreachable', reason: 'ENOTFOUND' }, 503],
  vault_forbidden: [
    { code: 'vault_forbidden', secret: 'micetro-sign-in-key', reason: 'ForbiddenByRbac', action: 'read' },
    500,
  ],
  vault_throttled: [{ code: 'vault_throttled' }, 503],
  secret_missing: [{ code: 'secret_missing', secret: 'micetro-sign-in-key' }, 500],
  secret_invalid: [{ code: 'secret_invalid', secret: 'micetro-sign-in-key', problem: 'it is empty' }, 500],
  identity_unavailable: [{ code: 'identity_unavailable', reason: 'CredentialUnavailableError' }, 500],
  bad_request: [{ code: 'bad_request', problem: 'the parameter state is missing' }, 400],
  candidate_invalid: [{ code: 'candidate_invalid', problems: ['tenant_id must not be empty'] }, 400],
  credential_unusable: [
    { code: 'credential_unusable', what: 'the certificate that was pasted', problem: 'it has no certificate' },
    400,
  ],
  candidate_gone: [{ code: 'candidate_gone' }, 400],
  save_conflict: [{ code: 'save_conflict', version: 'abc123' }, 409],
  attempt_unknown: [{ code: 'attempt_unknown' }, 400],
  attempt_stale: [{ code: 'attempt_stale' }, 400],
  attempt_missing: [{ code: 'attempt_missing' }, 400],
  attempt_used: [{ code: 'attempt_used' }, 409],
  entra_refused: [{ code: 'entra_refused', error: 'invalid_client', aadsts: 7000215 }, 500],
  unverified_error: [{ code: 'unverified_error', error: 'invalid_client', aadsts: 7000222 }, 400],
  entra_unreachable: [{ code: 'entra_unreachable', host: 'login.test', reason: 'ECONNREFUSED' }, 502],
  entra_busy: [{ code: 'entra_busy', status: 429, retryAfterSeconds: 60 }, 503],
  entra_malformed: [{ code: 'entra_malformed', problem: 'the token endpoint answered 200' }, 502],
  token_rejected: [{ code: 'token_rejected', check: 'nonce' }, 502],
  tenant_not_allowed: [{ code: 'tenant_not_allowed', tenant: 'the-tenant' }, 403],
  graph_unreachable: [{ code: 'graph_unreachable', host: 'graph.test', reason: 'ETIMEDOUT' }, 502],
  graph_throttled: [{ code: 'graph_throttled', status: 429 }, 503],
  graph_forbidden: [{ code: 'graph_forbidden', permission: 'GroupMember.Read.All' }, 502],
  graph_rejected: [{ code: 'graph_rejected', status: 401, reply: 'InvalidAuthenticationToken' }, 502],
  graph_incomplete: [{ code: 'graph_incomplete', problem: 'a page is not as documented' }, 502],
  micetro_unreachable: [{ code: 'micetro_unreachable', hosts, reason: 'ECONNREFUSED' }, 503],
  micetro_untrusted: [{ code: 'micetro_untrusted', host: 'micetro1.test', reason: 'CERT_HAS_EXPIRED' }, 500],
  micetro_credentials: [{ code: 'micetro_credentials', user: 'entra-sync', refused: 'log-in' }, 500],
  micetro_forbidden: [{ code: 'micetro_forbidden', action: 'create users' }, 500],
  micetro_rejected: [
    { code: 'micetro_rejected', action: 'create users', status: 400, number: 2049, message: 'No object found' },
    502,
  ],
  micetro_malformed: [{ code: 'micetro_malformed', action: 'read users' }, 502],
  name_collision: [{ code: 'name_collision', name: 'alice@contoso.com', authenticationType: 'Internal' }, 409],
  external_id_conflict: [{ code: 'external_id_conflict', name: 'alice@contoso.com' }, 409],
  no_group: [{ code: 'no_group', name: 'alice@contoso.com' }, 403],
  groups_unread: [{ code: 'groups_unread', because: 'graph_throttled' }, 503],
  external_id_ambiguous: [{ code: 'external_id_ambiguous', names: ['alice', 'alice2'] }, 409],
  budget_spent: [{ code: 'budget_spent', during: 'waiting for Micetro' }, 504],
  internal: [{ code: 'internal' }, 500],
}

/** Facts that an administrator needs and that the hint must therefore repeat. */
function factsOf(failure: Failure): string[] {
  // The wait is for the program and the first number of a refusal is named with its prefix.
  const { code: _, ...facts } = failure
  return Object.entries(facts)
    .filter(([name]) => name !== 'retryAfterSeconds' && name !== 'check')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .map(String)
}

const sentence = /^[A-Z].*\.$/s

describe('The catalogue of failures', () => {
  for (const [code, [failure, status]] of Object.entries(catalogue)) {
    it(`answers ${code} with ${status}`, () => expect(explain(failure).status).toBe(status))

    it(`tells the user about ${code} in whole sentences, without codes and settings`, () => {
      const { user } = explain(failure)
      expect(user).toMatch(sentence)
      expect(user).not.toMatch(/[A-Z]+_[A-Z]+|AADSTS|[a-z]_[a-z]|undefined/)
      expect(user.length).toBeLessThan(160)
    })

    it(`gives the administrator a hint about ${code} with every fact`, () => {
      const { admin } = explain(failure)
      // A hint may begin with a host and end with the words of a peer.
      expect(admin).toMatch(/^\S.{15,}$/s)
      expect(admin).not.toContain('undefined')
      for (const fact of factsOf(failure)) expect(admin).toContain(fact)
    })

    it(`keeps the facts of ${code} from the user: they name hosts, accounts and secrets`, () => {
      const { user } = explain(failure)
      for (const fact of factsOf(failure)) expect(user).not.toContain(fact)
    })
  }

  it('leaves a number out where Micetro gave none', () => {
    const { admin } = explain({ code: 'micetro_rejected', action: 'create users', status: 400, message: 'No.' })
    expect(admin).toContain('400')
    expect(admin).not.toContain('error')
  })

  const checks: Record<TokenCheck, RegExp> = {
    format: /signed JWT/,
    algorithm: /RS256/,
    signature: /keys/,
    issuer: /authority/,
    audience: /client id/,
    tenant: /tenant id/,
    expired: /clock/,
    not_yet_valid: /clock/,
    nonce: /another attempt/,
    version: /2\.0/,
    claims: /preferred_username/,
  }
  for (const [check, hint] of Object.entries(checks)) {
    it(`says where to look when the check of ${check} failed`, () =>
      expect(explain({ code: 'token_rejected', check: check as TokenCheck }).admin).toMatch(hint))
  }
})
