import { expect, test } from 'vitest'
import { isObject, type JsonObject, listOf, objectOf, textOf } from './armExpression.ts'
import { clouds, describeTemplates, ofType, only, texts, type Way } from './compiled.ts'

const ways = Object.keys(clouds).filter((way): way is Way => way in clouds)

/** Names that are the same in every installation: they are unique within the resource that they belong to. */
const fixedNames = ['rg-micetro-sign-in', 'audit']

describeTemplates('ways to deploy', ({ deployed, snapshot, template }) => {
  const predicted = (way: Way, other?: 'other'): JsonObject[] =>
    listOf(snapshot(way, other).predictedResources, 'resources').map((each) => objectOf(each, 'resource'))
  const names = (resources: readonly JsonObject[]): string[] =>
    resources.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))

  test.each(ways)('%s: two installations in one tenant share no name', (way) => {
    const [here, there] = [predicted(way), predicted(way, 'other')]
    expect(names(here).length).toBeGreaterThan(20)
    const others = new Set(names(there))
    expect(names(here).filter((name) => others.has(name) && !fixedNames.includes(name))).toEqual([])
    // Entra ID and the roles of a tenant know no resource group: their names hold what is different in the others.
    const token = /func-micetro-(\w+)/.exec(names(here).join(' '))?.[1] ?? 'no site'
    const tenantWide = here.flatMap(({ properties }) =>
      isObject(properties) ? [properties.uniqueName, properties.roleName].filter((each) => each !== undefined) : [],
    )
    expect(tenantWide).toHaveLength(way === 'main' ? 2 : 1)
    for (const name of tenantWide) expect(name).toContain(token)
  })

  test.each(ways)('%s: AZURE_PRINCIPAL_ID names who uploads the package', (way) => {
    const assigned = (other?: 'other') =>
      predicted(way, other).filter(
        ({ type, properties }) =>
          type === 'Microsoft.Authorization/roleAssignments' &&
          objectOf(properties, 'properties').principalId === 'publisher-id',
      )
    expect(
      assigned('other').map(({ id }) => textOf(id, 'id').replace(/^.*\/containers\/|\/providers.*$/g, '')),
    ).toEqual(['packages'])
    expect(assigned()).toEqual([])
  })

  test.each(ways)('%s: VAULT_WRITER_ROLE_ID takes the place of a role that is made', (way) => {
    const roles = (other?: 'other') =>
      predicted(way, other).filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')
    expect(roles()).toHaveLength(1)
    expect(roles('other')).toEqual([])
    expect([...texts(predicted(way, 'other'))].filter(({ text }) => text === 'vault-writer-role-id')).toHaveLength(3)
  })

  test.each(ways)("%s: /health can be asked under the site's own name before a custom one leads there", (way) => {
    const all = deployed(way, { access: { publicHostName: 'signin.example.com' } })
    expect(all.outputs.probeUrl).toMatch(/^https:\/\/func-micetro-[^/]*\.azurewebsites\.(net|us)$/)
    expect(all.outputs).toMatchObject({
      appUrl: 'https://signin.example.com',
      redirectUri: 'https://signin.example.com/mmws/auth_cb/microsoft',
    })
    const usual = deployed(way).outputs
    expect(usual.probeUrl).toBe(usual.appUrl)
  })

  test.each(ways)('%s: says which address outgoing calls come from, where there is one', (way) => {
    const network = { kind: 'new', addressPrefix: '10.20.30.0/24', natGateway: true }
    expect(deployed(way, { network }).outputs.outgoingAddress).toBe('203.0.113.7')
    expect(deployed(way).outputs.outgoingAddress).toBe('')
  })

  test('every way puts out the same, which deploy.sh reads', () => {
    const [first, ...others] = ways.map((way) => Object.keys(deployed(way).outputs).sort())
    for (const each of others) expect(each).toEqual(first)
  })

  test('main.group touches nothing but the group that it is deployed to', () => {
    const network = { kind: 'new', addressPrefix: '10.20.30.0/24', natGateway: true }
    const all = deployed('main.group', { network, access: { centralAddresses: ['192.0.2.10/32'] } })
    const group = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/existing-group/'
    for (const { id } of all.resources) expect(id.startsWith(group), id).toBe(true)
    expect(ofType(all, 'Microsoft.Resources/resourceGroups')).toEqual([])
    expect(only(all, 'Microsoft.Authorization/roleDefinitions').properties.assignableScopes).toEqual([
      group.replace(/\/$/, ''),
    ])
    expect(all.outputs.resourceGroupName).toBe('existing-group')
    const foreign = [...texts(template('main.group'))].filter(({ path }) =>
      /\.(subscriptionId|resourceGroup)$/.test(path),
    )
    expect(foreign).toEqual([])
  })
})
