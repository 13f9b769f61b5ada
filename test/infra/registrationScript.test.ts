import { describe, expect, test } from 'vitest'
import { objectOf } from './armExpression.ts'
import { describeTemplates, only } from './compiled.ts'
import { canRunScripts, clouds, workplace } from './scriptRun.ts'

const callback = 'https://signin.example.com/mmws/auth_cb/microsoft'
const options = [
  '--unique-name',
  'micetro',
  '--redirect-uri',
  callback,
  '--identity-principal-id',
  'identity-principal-id',
  '--owner',
  'owner-id',
  '--grant-admin-consent',
]

describe.runIf(canRunScripts)('registration.sh', () => {
  test('prints the client id and nothing else', async () => {
    using place = workplace()
    const { code, out, err } = await place.run('registration.sh', options)
    expect({ code, out, err }).toMatchObject({ code: 0, out: 'client-id-of-the-registration\n' })
  })

  test('running it again changes nothing', async () => {
    using place = workplace()
    await place.run('registration.sh', options)
    const first = place.state()
    place.forgetCalls()
    expect((await place.run('registration.sh', options)).code).toBe(0)
    expect(place.state()).toEqual(first)
    expect(place.calls().filter((each) => each.method === 'POST')).toEqual([])
  })

  test('before the host name is known it leaves redirect URIs alone', async () => {
    using place = workplace()
    await place.run('registration.sh', options)
    await place.run('registration.sh', ['--unique-name', 'micetro'])
    expect(place.state().applications.micetro).toMatchObject({ web: { redirectUris: [callback] } })
  })

  test('does not consent unless told to', async () => {
    using place = workplace()
    await place.run('registration.sh', ['--unique-name', 'micetro'])
    expect(place.state().grants).toEqual([])
  })

  test('asks for application permissions by option only, and consents to each once', async () => {
    using place = workplace()
    await place.run('registration.sh', options)
    expect(place.state().appRoles).toEqual([])
    for (let times = 0; times < 2; times += 1) await place.run('registration.sh', [...options, '--between-sign-ins'])
    const roles = ['role:User.Read.All', 'role:GroupMember.Read.All']
    const assigned = { principalId: 'principal-id', resourceId: 'graph-principal-id' }
    expect(place.state().appRoles).toEqual(roles.map((appRoleId) => ({ ...assigned, appRoleId })))
    expect(JSON.stringify(place.state().applications.micetro)).toContain(
      roles.map((id) => `{"id":"${id}","type":"Role"}`).join(),
    )
  })

  test('takes names with quotes and backslashes', async () => {
    using place = workplace()
    const name = 'Micetro "sign-in" \\ test'
    await place.run('registration.sh', ['--unique-name', 'micetro', '--display-name', name])
    expect(place.state().applications.micetro?.displayName).toBe(name)
  })

  test('uses the endpoints of US Government, and of Defense when named', async () => {
    using place = workplace({ cloud: clouds.usgov })
    await place.run('registration.sh', options)
    const hosts = new Set(place.calls().flatMap((each) => (each.uri ? [new URL(each.uri).host] : [])))
    expect([...hosts]).toEqual(['graph.microsoft.us'])
    expect(Object.values(place.state().federated)).toMatchObject([
      {
        issuer: 'https://login.microsoftonline.us/22222222-2222-2222-2222-222222222222/v2.0',
        audiences: ['api://AzureADTokenExchangeUSGov'],
      },
    ])
    place.forgetCalls()
    await place.run('registration.sh', [...options, '--graph-endpoint', 'https://dod-graph.microsoft.us'])
    expect(place.calls().some((each) => each.uri?.startsWith('https://dod-graph.microsoft.us/v1.0/'))).toBe(true)
  })

  test('adds to a registration that exists, and takes nothing away', async () => {
    const existing = { appId: 'old-id', displayName: 'Old', web: { redirectUris: ['https://micetro.example.com/cb'] } }
    using place = workplace({
      applications: { 'old-id': existing },
      servicePrincipals: { 'old-id': { id: 'old-principal', appRoleAssignmentRequired: true } },
      grants: [
        {
          id: 'grant-0',
          clientId: 'old-principal',
          resourceId: 'graph-principal-id',
          consentType: 'AllPrincipals',
          scope: 'User.Read Mail.Read',
        },
      ],
    })
    const { out } = await place.run('registration.sh', ['--client-id', 'old-id', ...options.slice(2)])
    expect(out).toBe('old-id\n')
    const { applications, servicePrincipals, federated, grants } = place.state()
    expect(applications).toEqual({
      'old-id': { ...existing, web: { redirectUris: ['https://micetro.example.com/cb', callback] } },
    })
    expect(servicePrincipals).toEqual({ 'old-id': { id: 'old-principal', appRoleAssignmentRequired: true } })
    expect(Object.values(federated)).toMatchObject([{ subject: 'identity-principal-id' }])
    expect(grants).toMatchObject([
      { scope: 'User.Read GroupMember.Read.All openid profile email offline_access Mail.Read' },
    ])
  })

  test('an owner that it may not add is named, and everything else is done', async () => {
    using place = workplace({ failing: ['rest POST owners'] })
    const { code, err } = await place.run('registration.sh', options)
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringContaining('owner-id could not be made an owner'),
    })
    expect(place.state().grants).toHaveLength(1)
  })

  test('refuses an Azure CLI that is too old', async () => {
    using place = workplace({ versions: { az: '2.45.0', bicep: '' } })
    expect(await place.run('registration.sh', options)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^The Azure CLI is 2\.45\.0, and 2\.76\.0 is the least.*\n$/),
    })
  })

  test('refuses to start without a name', async () => {
    using place = workplace()
    expect(await place.run('registration.sh', [])).toMatchObject({ code: 2, out: '' })
    expect(place.calls()).toEqual([])
  })
})

describe.runIf(canRunScripts)('graphPermissions.sh', () => {
  const permissions = ['--permission', 'Application.Read.All', '--permission', 'Application.ReadWrite.OwnedBy']

  test('gives an identity what it lacks, once', async () => {
    using place = workplace({ appRoles: [{ appRoleId: 'role:Application.Read.All' }], windows: true })
    const run = () => place.run('graphPermissions.sh', ['--principal-id', 'pipeline-id', ...permissions])
    const first = await run()
    expect(first).toMatchObject({
      code: 0,
      out: 'Application.Read.All: was given already\nApplication.ReadWrite.OwnedBy: given\n',
    })
    const { appRoles } = place.state()
    expect(appRoles.slice(1)).toEqual([
      { principalId: 'pipeline-id', resourceId: 'graph-principal-id', appRoleId: 'role:Application.ReadWrite.OwnedBy' },
    ])
    expect((await run()).code).toBe(0)
    expect(place.state().appRoles).toEqual(appRoles)
  })

  test('names a permission that there is not, and gives nothing without an identity', async () => {
    using place = workplace()
    const run = (...args: string[]) => place.run('graphPermissions.sh', args)
    const wrong = await run('--principal-id', 'pipeline-id', '--permission', 'Application.Everything')
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('no application permission Application.Ev') })
    expect(await run(...permissions)).toMatchObject({ code: 2 })
    expect(place.state().appRoles).toEqual([])
  })
})

describeTemplates('registration.sh and appRegistration.bicep', ({ deployed, parameters }) => {
  test.runIf(canRunScripts).each([false, true])('make the same, assignment required %s', async (assignmentRequired) => {
    using place = workplace()
    const flags = assignmentRequired ? ['--assignment-required'] : []
    await place.run('registration.sh', [...options, ...flags])
    const made = place.state()
    const registration = {
      ...objectOf(parameters('main').registration, 'registration'),
      assignmentRequired,
      owners: ['owner-id'],
    }
    const all = deployed('main', { registration, access: { publicHostName: 'signin.example.com' } })

    const { uniqueName: _, owners, ...application } = only(all, 'Microsoft.Graph/applications').properties
    const { appId, ...script } = made.applications.micetro ?? {}
    const byId = (value: unknown) =>
      JSON.stringify(value)
        .split(/(?=\{"id")/)
        .map((each) => each.replace(/[\],]+$/, ''))
        .sort()
    expect(byId(script.requiredResourceAccess)).toEqual(byId(application.requiredResourceAccess))
    expect({ ...script, requiredResourceAccess: [] }).toEqual({ ...application, requiredResourceAccess: [] })
    expect(objectOf(owners, 'owners').relationships).toEqual(made.owners["applications(uniqueName='micetro')"])

    const principal = only(all, 'Microsoft.Graph/servicePrincipals').properties
    expect(made.servicePrincipals[String(appId)]).toMatchObject({
      appRoleAssignmentRequired: principal.appRoleAssignmentRequired,
      tags: principal.tags,
    })

    const { name: __, ...federated } = only(all, 'Microsoft.Graph/applications/federatedIdentityCredentials').properties
    expect(Object.values(made.federated)).toEqual([{ ...federated, name: 'function-app' }])

    const consent = only(all, 'Microsoft.Graph/oauth2PermissionGrants').properties
    expect(made.grants).toEqual([{ ...consent, id: 'grant-0' }])
  })
})
