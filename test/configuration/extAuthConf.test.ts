import { describe, expect, it } from 'vitest'
import { clouds } from '../../shared/configuration/clouds.ts'
import { readExtAuthConf } from '../../shared/configuration/extAuthConf.ts'
import { problemsIn } from '../failing.ts'
import { least } from './sampleConfiguration.ts'

const pem = {
  private_key: '-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----',
  public_certificate: '-----BEGIN CERTIFICATE-----\ncertificate\n-----END CERTIFICATE-----',
}

/** The configuration, and the credential as it would be stored. */
function read(value: unknown) {
  const { configuration, credential } = readExtAuthConf(typeof value === 'string' ? value : JSON.stringify(value))
  return { configuration, credential: credential?.reveal() }
}

describe('ext_auth_conf.json', () => {
  const secret = { configuration: { ...least, credential_kind: 'secret' }, credential: 'hush' }
  const withSecret = { ...least, client_credential: 'hush' }

  it('is not read when it is longer than any configuration', async () => {
    const endless = JSON.stringify({ microsoft: { client_id: 'x'.repeat(600 * 1024) } })
    expect(await problemsIn(() => read(endless))).toEqual(['ext_auth_conf.json is longer than 512 KiB'])
  })

  it('tells twenty of its problems', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_each, index) => [`key${index}`, 1]))
    const problems = await problemsIn(() => read({ microsoft: {}, ...unknown }))
    expect([problems.length, problems[0], problems.at(-1)]).toEqual([21, 'key0: unknown key', 'and 4980 more'])
  })

  const taken: [name: string, value: unknown, result: object][] = [
    ['is taken whole', { microsoft: withSecret }, secret],
    ['may be its microsoft block alone', withSecret, secret],
    ['may begin with a byte order mark', `\uFEFF${JSON.stringify({ microsoft: withSecret })}`, secret],
    ['may have no credential', { microsoft: least }, { configuration: least, credential: undefined }],
    [
      'may have an empty credential',
      { ...least, client_credential: '' },
      { configuration: least, credential: undefined },
    ],
    [
      'may have a certificate as a text',
      { ...least, client_credential: pem.private_key + pem.public_certificate },
      { configuration: { ...least, credential_kind: 'certificate' } },
    ],
    [
      'may have a certificate as an object',
      { ...least, client_credential: { ...pem, thumbprint: 'AA' } },
      {
        configuration: { ...least, credential_kind: 'certificate' },
        credential: `${pem.private_key}\n${pem.public_certificate}\n`,
      },
    ],
    [
      'may have a scope that is a list',
      { ...least, scope: ['User.Read'] },
      { configuration: { ...least, scope: ['User.Read'] } },
    ],
    [
      'may have a scope that is a text',
      { ...least, scope: 'User.Read  GroupMember.Read.All' },
      { configuration: { ...least, scope: ['User.Read', 'GroupMember.Read.All'] } },
    ],
    [
      'may name the groups call, of which the host is taken',
      { ...least, groups_uri: `${clouds.usgov.graph}/v1.0/me/transitiveMemberOf/microsoft.graph.group` },
      { configuration: { ...least, graph_endpoint: clouds.usgov.graph } },
    ],
    [
      'may have our own keys',
      { ...least, groups: { security_only: true }, match_by_name: true, enabled: false },
      { configuration: { ...least, groups: { security_only: true }, match_by_name: true, enabled: false } },
    ],
  ]
  for (const [name, value, result] of taken) it(name, () => expect(read(value)).toMatchObject(result))

  it('leaves the credential out of the configuration', () => {
    expect(JSON.stringify(readExtAuthConf(JSON.stringify({ microsoft: withSecret })))).not.toContain('hush')
  })

  const refused: [name: string, value: unknown, problems: (string | RegExp)[]][] = [
    ['must be JSON', '{', ['ext_auth_conf.json is not JSON']],
    ['must be an object', '[]', ['ext_auth_conf.json must be a JSON object']],
    ['must be more than a text', '"hush"', ['ext_auth_conf.json must be a JSON object']],
    ['must not be okta', { okta: { client_id: 'x' } }, [/^okta: .*Microsoft Entra ID only/]],
    ['must not be okta beside microsoft', { microsoft: least, okta: {} }, [/^okta: .*remove the okta block/]],
    [
      'must have no block beside microsoft',
      { microsoft: least, google: {}, saml: {} },
      ['google: unknown key', 'saml: unknown key'],
    ],
    ['must have a block that is an object', { microsoft: [] }, ['microsoft must be a JSON object']],
    [
      'must have known keys, told by their path',
      { microsoft: { ...least, tenant: 'x' } },
      ['microsoft.tenant: unknown key'],
    ],
    [
      'must have the right types, told by their path',
      { microsoft: { ...least, tenant_id: 7, groups: { map: { [least.client_id]: 7 } } } },
      [/^microsoft\.tenant_id: /, /^microsoft\.groups\.map\.33333333-\S+: /],
    ],
    [
      'must name a Graph of Microsoft',
      { ...least, groups_uri: 'https://evil.test/groups' },
      ['microsoft.groups_uri is not an address of Microsoft Graph'],
    ],
    [
      'must name a Graph by its whole host',
      { ...least, groups_uri: 'https://graph.microsoft.com.evil.test/' },
      ['microsoft.groups_uri is not an address of Microsoft Graph'],
    ],
    [
      'must have more of a certificate than its thumbprint',
      { ...least, client_credential: { private_key: pem.private_key, thumbprint: 'AA' } },
      [/^microsoft\.client_credential\.public_certificate is missing/],
    ],
    [
      'must not have a credential of another kind',
      { ...least, client_credential: ['hush'] },
      ['microsoft.client_credential must be a text, or an object with private_key and public_certificate'],
    ],
  ]
  for (const [name, value, problems] of refused) {
    it(name, async () => {
      const found = await problemsIn(() => read(value))
      expect(found).toEqual(problems.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))))
    })
  }

  const misplaced: [name: string, value: object][] = [
    ['as the groups', { ...least, groups: 'hush' }],
    ['as the tenant', { ...least, tenant_id: 'hush hush' }],
    ['as the list of tenants', { ...least, allowed_tenants: 'hush' }],
    ['in the wrong type', { ...least, client_credential: { secret: 'hush' } }],
  ]
  for (const [name, value] of misplaced) {
    it(`does not show a credential that stands ${name}`, async () => {
      const problems = await problemsIn(() => read({ microsoft: value }))
      expect(problems).toHaveLength(1)
      expect(problems.join()).not.toContain('hush')
    })
  }
})
