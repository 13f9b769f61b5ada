import { expect, test } from 'vitest'
import { type JsonObject, textOf } from './armExpression.ts'
import { deploy } from './armTemplate.ts'
import { clouds, describeTemplates, ofType } from './compiled.ts'

const subscription = '/subscriptions/11111111-1111-1111-1111-111111111111'

describeTemplates('identities of a pipeline', ({ deployed, template }) => {
  const made = (parameters: JsonObject = {}, way: 'main' | 'main.usgov' = 'main') =>
    deploy(
      template('pipelineIdentities'),
      { location: 'westeurope', repository: 'contoso/sign-in', ...parameters },
      clouds[way],
    )
  const trust = (parameters: JsonObject, way?: 'main' | 'main.usgov') =>
    ofType(made(parameters, way), 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials').map(
      ({ name, properties }) => [name.replace(/^id-micetro-(.*)-\w+\/.*$/, '$1'), properties],
    )

  test('one deploys from the environment production, one only looks from what-if, and no other job is either', () => {
    const github = { issuer: 'https://token.actions.githubusercontent.com', audiences: ['api://AzureADTokenExchange'] }
    expect(trust({})).toEqual([
      ['deploy', { ...github, subject: 'repo:contoso/sign-in:environment:production' }],
      ['what-if', { ...github, subject: 'repo:contoso/sign-in:environment:what-if' }],
    ])
  })

  test('service connections of Azure DevOps are trusted as they say who they are, in the cloud that they are in', () => {
    const given = { repository: '', issuer: 'https://issuer.example.com/', deploySubject: 'a', whatIfSubject: 'b' }
    const same = { issuer: given.issuer, audiences: ['api://AzureADTokenExchangeUSGov'] }
    expect(trust(given, 'main.usgov')).toEqual([
      ['deploy', { ...same, subject: 'a' }],
      ['what-if', { ...same, subject: 'b' }],
    ])
  })

  test('nobody is trusted by an empty name', () => {
    expect(() => made({ repository: '' })).toThrow('Give repository')
  })

  test.each([
    ['subscription', subscription],
    ['group', `${subscription}/resourceGroups/existing-group`],
  ])('reach %s: both have the least rights there, and none elsewhere', (reach, scope) => {
    const all = made({ reach })
    const roles = ofType(all, 'Microsoft.Authorization/roleDefinitions')
    const named = (part: string) => roles.find(({ properties }) => String(properties.roleName).includes(part))
    const [whatIf, setSecret] = [named(': what-if ('), named(': set a secret (')]
    expect(whatIf?.properties).toMatchObject({
      assignableScopes: [scope],
      permissions: [
        {
          actions: [
            '*/read',
            'Microsoft.Resources/deployments/whatIf/action',
            'Microsoft.Resources/deployments/validate/action',
          ],
        },
      ],
    })
    expect(setSecret?.properties).toMatchObject({
      permissions: [
        {
          dataActions: [
            'Microsoft.KeyVault/vaults/secrets/setSecret/action',
            'Microsoft.KeyVault/vaults/secrets/update/action',
          ],
        },
      ],
    })
    expect(all.outputs.vaultWriterRoleId).toBe(
      `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${setSecret?.name}`,
    )

    const assigned = ofType(all, 'Microsoft.Authorization/roleAssignments')
    for (const { id, properties } of assigned) {
      expect(id.startsWith(`${scope}/providers/Microsoft.Authorization/roleAssignments/`)).toBe(true)
      expect(properties.principalType).toBe('ServicePrincipal')
    }
    const role = (id: unknown) => String(id).split('/').at(-1)
    expect(assigned.map(({ properties }) => [properties.principalId, role(properties.roleDefinitionId)])).toEqual([
      // Contributor, and Role Based Access Control Administrator.
      ['deploy-principal-id', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
      ['deploy-principal-id', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'],
      ['what-if-principal-id', whatIf?.name],
    ])
    expect(assigned.map(({ properties }) => properties.conditionVersion)).toEqual([undefined, '2.0', undefined])
  })

  test('who deploys may assign and take away the roles that a deployment needs, and no other', () => {
    const all = made()
    const [, administrator] = ofType(all, 'Microsoft.Authorization/roleAssignments')
    const condition = textOf(administrator?.properties.condition, 'condition')
    const lists = [...condition.matchAll(/GuidEquals \{([^}]*)\}/g)].map(([, ids = '']) => new Set(ids.split(', ')))
    expect(lists).toHaveLength(2)
    const vaultWriterRoleId = textOf(all.outputs.vaultWriterRoleId, 'output')
    const access = { centralAddresses: ['192.0.2.10/32'] }
    const installed = deployed('main', { vaultWriterRoleId, access, publisherPrincipalId: 'deploy-principal-id' })
    const needed = ofType(installed, 'Microsoft.Authorization/roleAssignments').map(({ properties }) =>
      textOf(properties.roleDefinitionId, 'role').split('/').at(-1),
    )
    for (const list of lists) expect(list).toEqual(new Set(needed))
    // With the role given, the deployment makes none: who may write a role can give himself any right.
    expect(ofType(installed, 'Microsoft.Authorization/roleDefinitions')).toEqual([])
    expect(condition).toBe(
      [
        ['write', 'Request'],
        ['delete', 'Resource'],
      ]
        .map(
          ([action, source]) =>
            `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR (@${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${[...(lists[0] ?? [])].join(', ')}}))`,
        )
        .join(' AND '),
    )
  })

  test('what a pipeline is told has names, ids and the role, and no secret', () => {
    const { outputs } = made()
    expect(outputs).toMatchObject({
      deployName: expect.stringMatching(/^id-micetro-deploy-/),
      deployClientId: 'deploy-client-id',
      deployPrincipalId: 'deploy-principal-id',
      whatIfName: expect.stringMatching(/^id-micetro-what-if-/),
      whatIfClientId: 'what-if-client-id',
      whatIfPrincipalId: 'what-if-principal-id',
    })
    expect(Object.keys(outputs)).toHaveLength(7)
  })
})
