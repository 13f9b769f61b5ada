import { describe, expect, it } from 'vitest'
import { explain } from '../shared/catalogue.ts'
import type { TokenCheck } from '../shared/entra/failures.ts'
import type { Failure } from '../shared/failure.ts'
import { everyFailure } from './everyFailure.ts'

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
  for (const [code, [failure, status]] of Object.entries(everyFailure)) {
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
