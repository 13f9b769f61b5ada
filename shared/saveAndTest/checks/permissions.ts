import * as v from 'valibot'
import { type Check, failed, passed, skipped } from '../check.ts'

const needed = ['User.Read', 'GroupMember.Read.All']

const principalSchema = v.object({ id: v.pipe(v.string(), v.regex(/^[0-9a-f-]{36}$/i)) })
const grantsSchema = v.object({
  value: v.array(v.object({ consentType: v.string(), scope: v.nullish(v.string(), '') })),
})

/**
 * Admin consent for the delegated permissions (seed: "Permissions"). Reading it needs an application permission that
 * this application does not ask for, so where Graph refuses, only a user's sign-in can show it.
 */
export const permissionsCheck: Check = {
  name: 'permissions',
  needs: ['credential', 'graph'],
  timeout: 15_000,
  async run({ engine, candidate: { configuration }, appToken }, signal) {
    const { accessToken } = await appToken()
    const ask = (path: string) =>
      engine.send({
        method: 'GET',
        url: `${configuration.graph}/v1.0/${path}`,
        headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
        timeout: 8000,
        signal,
      })
    const unknown = skipped('Only a user can show what is consented: use Test sign-in.')
    const principal = v.safeParse(
      principalSchema,
      (await ask(`servicePrincipals(appId='${configuration.clientId}')?$select=id`)).body,
    )
    if (!principal.success) return unknown
    const grants = v.safeParse(
      grantsSchema,
      (await ask(`servicePrincipals/${principal.output.id}/oauth2PermissionGrants`)).body,
    )
    if (!grants.success) return unknown
    const granted = grants.output.value
      .filter((grant) => grant.consentType === 'AllPrincipals')
      .flatMap((grant) => grant.scope.split(' '))
    const missing = needed.filter((name) => !granted.includes(name))
    if (missing.length === 0) return passed(`Admin consent is granted for ${needed.join(' and ')}.`)
    return failed(
      `Admin consent is missing for ${missing.join(' and ')} (AADSTS65001).`,
      'In the app registration, under API permissions, add them as delegated permissions of Microsoft Graph and choose "Grant admin consent".',
    )
  },
}
