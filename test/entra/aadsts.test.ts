import { describe, expect, it } from 'vitest'
import { explain } from '../../shared/catalogue.ts'
import { aadstsIn, adviceFor, knownAadsts } from '../../shared/entra/aadsts.ts'

const fallback = adviceFor('some_new_error', undefined)

describe('A known number of Entra ID', () => {
  it('stands in one row only', () => expect(new Set(knownAadsts).size).toBe(knownAadsts.length))

  for (const number of knownAadsts) {
    it(`AADSTS${number} has an advice of its own that names it`, () => {
      const { status, user, admin } = explain({ code: 'entra_refused', error: 'some_new_error', aadsts: number })
      expect(admin).toMatch(new RegExp(`^AADSTS${number} \\(some_new_error\\): \\S.+\\.$`))
      expect(admin).not.toContain(fallback.admin.replace('some_new_error: ', ''))
      expect(user).toMatch(/^[A-Z].+\.$/)
      expect([400, 403, 500, 502, 503]).toContain(status)
    })
  }

  const rules: [name: string, number: number, status: number, user: RegExp, admin: RegExp][] = [
    ['an expired client secret is for the administrator', 7000222, 500, /administrator/, /expired/],
    ['a wrong client secret is for the administrator', 7000215, 500, /administrator/, /secret value, not its id/],
    [
      'an unknown client id names client, tenant and cloud',
      700016,
      500,
      /administrator/,
      /client id.*tenant id.*cloud/s,
    ],
    ['a wrong redirect URI says to copy it', 50011, 500, /administrator/, /Copy it/],
    ['missing consent names the permissions', 65001, 403, /approved/, /User\.Read.*GroupMember\.Read\.All/],
    ['an unassigned user is told so', 50105, 403, /not assigned/, /Assign/],
    ['a stranger is told to use another account', 50020, 403, /another organisation/, /guest/],
    ['a used code starts again', 54005, 400, /start the sign-in again/, /twice/],
    ['a second factor is asked for', 50076, 403, /second factor/, /multifactor/],
    ['a rule of Conditional Access is named', 53003, 403, /rule/, /Conditional Access/],
    ['a wrong PKCE verifier may be an attack', 501481, 400, /again/, /attack/],
    ['a certificate that is not registered is named', 700027, 500, /administrator/, /public part/],
    ['a federated credential that does not match is named', 700213, 500, /administrator/, /subject/],
    ['a loop of sign-ins is a matter of waiting', 50196, 503, /Wait/, /loop/],
    ['a passing fault says to try again', 90033, 503, /try again/, /passing/],
  ]
  for (const [name, number, status, user, admin] of rules) {
    it(name, () => {
      const advice = adviceFor('whatever', number)
      expect(advice.status).toBe(status)
      expect(advice.user).toMatch(user)
      expect(advice.admin).toMatch(admin)
    })
  }
})

describe('Without a known number the OAuth error decides', () => {
  const cases: [error: string, aadsts: number | undefined, status: number, begins: string][] = [
    ['access_denied', undefined, 403, 'access_denied: '],
    ['invalid_client', undefined, 500, 'invalid_client: '],
    ['invalid_grant', undefined, 400, 'invalid_grant: '],
    ['interaction_required', undefined, 403, 'interaction_required: '],
    ['temporarily_unavailable', undefined, 503, 'temporarily_unavailable: '],
    ['server_error', undefined, 502, 'server_error: '],
    ['access_denied', 99999999, 403, 'AADSTS99999999 (access_denied): '],
    ['some_new_error', 99999999, 502, 'AADSTS99999999 (some_new_error): '],
    ['some_new_error', undefined, 502, 'some_new_error: '],
    ['constructor', undefined, 502, 'constructor: '],
  ]
  for (const [error, aadsts, status, begins] of cases) {
    it(`${begins}${status}`, () => {
      const advice = adviceFor(error, aadsts)
      expect(advice.status).toBe(status)
      expect(advice.admin.startsWith(begins)).toBe(true)
      expect(advice.user).toMatch(/^[A-Z].+\.$/)
    })
  }
})

describe('The number in an error description', () => {
  const cases: [name: string, description: string, number: number | undefined][] = [
    ['is read at its beginning', 'AADSTS50105: Your administrator has configured …', 50105],
    ['may follow spaces', '  AADSTS65004: The resource owner …', 65004],
    ['may have seven digits', 'AADSTS7000215: Invalid client secret', 7000215],
    ['is not looked for further on, where the user could have put it', 'Hello AADSTS50105: x', undefined],
    ['must be a number', 'AADSTSabc', undefined],
    ['must not run into other letters', 'AADSTS50105x', undefined],
    ['must not be endless', `AADSTS${'1'.repeat(30)}`, undefined],
    ['may be missing', '', undefined],
  ]
  for (const [name, description, number] of cases) it(name, () => expect(aadstsIn(description)).toBe(number))
})
