import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { explain } from '../../shared/catalogue.ts'
import {
  isLoopback,
  localOnlySettings,
  readBaseUrl,
  readSafeUrl,
  readSettings,
  settingNames,
} from '../../shared/configuration/settings.ts'
import { AppError } from '../../shared/failure.ts'
import { problemsIn } from '../failing.ts'

type Environment = Record<string, string>

const micetro: Environment = {
  MICETRO_API_URLS: 'https://one.test/mmws/api',
  MICETRO_API_USER: 'entra-sync',
  MICETRO_WEB_URL: 'https://micetro.test/',
}
const full: Environment = {
  ...micetro,
  KEY_VAULT_URL: 'https://vault.test/',
  ENTRA_TENANT_ID: 'contoso.com',
  ENTRA_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  ENTRA_REDIRECT_URI: 'https://signin.test/mmws/auth_cb/microsoft',
  ENTRA_SCOPE: 'User.Read GroupMember.Read.All',
  ENTRA_CREDENTIAL_KIND: 'certificate',
  ENTRA_CLOUD: 'usgov',
  CENTRAL_CALLBACK_URL: 'https://central.test/mmws/auth_cb/microsoft',
}

describe('Settings', () => {
  it('may all be missing: then only local development remains', () => {
    expect(readSettings({})).toEqual({
      vaultUrl: undefined,
      secrets: {
        configuration: 'micetro-entra-config',
        credential: 'micetro-entra-client-credential',
        signInKey: 'micetro-sign-in-key',
        micetroPassword: 'micetro-api-password',
        candidate: 'micetro-entra-candidate',
      },
      entra: {},
      customCloud: undefined,
      micetro: undefined,
      centralCallbackUrl: undefined,
      local: { credential: undefined, micetroPassword: undefined, signInKey: undefined },
    })
  })

  it('are read whole', () => {
    expect(readSettings(full)).toMatchObject({
      vaultUrl: new URL('https://vault.test/'),
      entra: {
        tenant_id: 'contoso.com',
        client_id: '33333333-3333-4333-8333-333333333333',
        redirect_uri: 'https://signin.test/mmws/auth_cb/microsoft',
        scope: 'User.Read GroupMember.Read.All',
        credential_kind: 'certificate',
        cloud: 'usgov',
      },
      micetro: {
        apiUrls: ['https://one.test/mmws/api'],
        apiUser: 'entra-sync',
        webUrl: new URL('https://micetro.test/'),
        caCertificates: '',
      },
      centralCallbackUrl: new URL('https://central.test/mmws/auth_cb/microsoft'),
    })
  })

  it('that are blank count as not set', () => {
    const blank = Object.fromEntries(settingNames.map((name) => [name, '  ']))
    expect(readSettings(blank)).toEqual(readSettings({}))
  })

  it('may lose the spaces around their values', () => {
    expect(readSettings({ ...micetro, MICETRO_API_USER: ' entra-sync ' }).micetro?.apiUser).toBe('entra-sync')
  })

  it('name the secrets of the vault', () => {
    const { secrets } = readSettings({
      ENTRA_CONFIG_SECRET: 'a',
      ENTRA_CREDENTIAL_SECRET: 'b',
      SIGN_IN_KEY_SECRET: 'c',
      MICETRO_PASSWORD_SECRET: 'd',
      ENTRA_CANDIDATE_SECRET: 'e',
    })
    expect(secrets).toEqual({
      configuration: 'a',
      credential: 'b',
      signInKey: 'c',
      micetroPassword: 'd',
      candidate: 'e',
    })
  })

  it('for local development are kept as secrets that do not print', () => {
    const { local } = readSettings({ ENTRA_CLIENT_CREDENTIAL: 'a', MICETRO_API_PASSWORD: 'b', SIGN_IN_KEY: 'c' })
    expect(JSON.stringify(local)).toBe('{"credential":"[secret]","micetroPassword":"[secret]","signInKey":"[secret]"}')
    expect([local.credential, local.micetroPassword, local.signInKey].map((each) => each?.reveal())).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('report every problem at once', async () => {
    const problems = await problemsIn(() =>
      readSettings({
        KEY_VAULT_URL: 'vault',
        SIGN_IN_KEY: 'x',
        ENTRA_REDIRECT_URI: 'http://signin.test/',
        ENTRA_CREDENTIAL_KIND: 'password',
        ENTRA_CLOUD: 'moon',
        GRAPH_ENDPOINT: 'https://graph.test',
        MICETRO_API_URLS: 'ftp://one.test',
        MICETRO_WEB_URL: 'nowhere',
        MICETRO_CA_CERTIFICATES: 'x',
        CENTRAL_CALLBACK_URL: 'http://central.test/',
        RECONCILE_SCHEDULE: 'hourly',
      }),
    )
    const named = [
      'KEY_VAULT_URL',
      'SIGN_IN_KEY',
      'ENTRA_REDIRECT_URI',
      'ENTRA_CREDENTIAL_KIND',
      'ENTRA_CLOUD',
      'GRAPH_ENDPOINT',
      'MICETRO_API_URLS',
      'MICETRO_API_USER',
      'MICETRO_WEB_URL',
      'MICETRO_CA_CERTIFICATES',
      'CENTRAL_CALLBACK_URL',
      'RECONCILE_SCHEDULE',
    ]
    for (const name of named)
      expect(
        problems.filter((problem) => problem.startsWith(name)),
        name,
      ).not.toEqual([])
  })

  const refused: [name: string, env: Environment, problems: string[]][] = [
    ...localOnlySettings.map((name): [string, Environment, string[]] => [
      `refuse ${name} beside a vault`,
      { ...full, [name]: 'x' },
      [`${name} is for local development and must not be set beside KEY_VAULT_URL`],
    ]),
    [
      'refuse a runtime that was told not to verify certificates',
      { ...full, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      ['NODE_TLS_REJECT_UNAUTHORIZED must not be 0: certificates are always verified; remove it'],
    ],
    ['refuse http', { KEY_VAULT_URL: 'http://vault.test/' }, ['KEY_VAULT_URL must be an https address']],
    [
      'refuse an unknown cloud by naming the known ones',
      { ENTRA_CLOUD: 'moon' },
      ['ENTRA_CLOUD must be one of commercial, usgov, usgov-dod, china, custom'],
    ],
    [
      'refuse an unknown kind of credential by naming the known ones',
      { ENTRA_CREDENTIAL_KIND: 'password' },
      ['ENTRA_CREDENTIAL_KIND must be one of secret, certificate, managed-identity'],
    ],
    [
      'refuse the hosts of a custom cloud with any other',
      { ENTRA_CLOUD: 'usgov', ENTRA_AUTHORITY_HOST: 'login.test', GRAPH_ENDPOINT: 'https://graph.test' },
      ['ENTRA_AUTHORITY_HOST is for ENTRA_CLOUD=custom only', 'GRAPH_ENDPOINT is for ENTRA_CLOUD=custom only'],
    ],
    [
      'refuse a custom cloud without its hosts',
      { ENTRA_CLOUD: 'custom' },
      [
        'ENTRA_AUTHORITY_HOST must be a host name or an https address when ENTRA_CLOUD is custom',
        'GRAPH_ENDPOINT must be an https address when ENTRA_CLOUD is custom',
      ],
    ],
    [
      'refuse Micetro by halves',
      { MICETRO_API_URLS: 'https://one.test/mmws/api' },
      ['MICETRO_API_USER is not set', 'MICETRO_WEB_URL is not set'],
    ],
    [
      'refuse one bad address among good ones',
      { ...micetro, MICETRO_API_URLS: 'https://one.test/mmws/api, http://two.test/mmws/api' },
      ['address 2 of MICETRO_API_URLS is not an https address'],
    ],
    [
      'refuse a list of addresses without one',
      { ...micetro, MICETRO_API_URLS: ' , ' },
      ['MICETRO_API_URLS names no address'],
    ],
    [
      'refuse a certificate authority that is no PEM',
      { ...micetro, MICETRO_CA_CERTIFICATES: '/etc/ssl/ca.pem' },
      ['MICETRO_CA_CERTIFICATES must hold certificates in PEM'],
    ],
  ]
  for (const [name, env, problems] of refused) {
    it(name, async () => expect(await problemsIn(() => readSettings(env))).toEqual(problems))
  }

  it('show no password that somebody wrote into an address', () => {
    let shown = ''
    try {
      readSettings({ ...micetro, MICETRO_API_URLS: 'https://entra-sync:hush@one.test/mmws/api' })
    } catch (error) {
      // The problems stand on the error page, on /health and in the log.
      shown = error instanceof AppError ? explain(error.failure).admin : ''
    }
    expect(shown).toContain('MICETRO_API_URLS')
    expect(shown).not.toContain('hush')
  })

  it('give a custom cloud its hosts, as a name or an address', () => {
    const env = { ENTRA_CLOUD: 'custom', GRAPH_ENDPOINT: 'https://graph.test/' }
    const customCloud = { login: 'https://login.test', graph: 'https://graph.test' }
    expect(readSettings({ ...env, ENTRA_AUTHORITY_HOST: 'login.test' }).customCloud).toEqual(customCloud)
    expect(readSettings({ ...env, ENTRA_AUTHORITY_HOST: 'https://login.test/' }).customCloud).toEqual(customCloud)
  })

  it('keep the order of the Micetro addresses and drop slashes at the end', () => {
    const urls = 'https://two.test/mmws/api/,https://one.test/mmws/api'
    expect(readSettings({ ...micetro, MICETRO_API_URLS: urls }).micetro?.apiUrls).toEqual([
      'https://two.test/mmws/api',
      'https://one.test/mmws/api',
    ])
  })

  it('refuse text that only looks like a certificate', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
    const problems = await problemsIn(() => readSettings({ ...micetro, MICETRO_CA_CERTIFICATES: pem }))
    expect(problems).toEqual(['MICETRO_CA_CERTIFICATES must hold certificates in PEM'])
  })

  it('read a certificate whose line breaks are written as \\n', () => {
    const pem = rootCertificates[0] ?? ''
    const env = { ...micetro, MICETRO_CA_CERTIFICATES: pem.replaceAll('\n', '\\n') }
    expect(readSettings(env).micetro?.caCertificates).toBe(pem)
  })

  it('let the landing page have a query: it is only ever gone to', () => {
    const env = { ...micetro, MICETRO_WEB_URL: 'https://micetro.test/?view=dns' }
    expect(readSettings(env).micetro?.webUrl.href).toBe('https://micetro.test/?view=dns')
  })
})

describe('An address', () => {
  const cases: [text: string, safe: boolean, base: boolean][] = [
    ['https://host.test', true, true],
    ['https://host.test/path', true, true],
    [' https://host.test ', true, true],
    ['https://host.test/?a=b', true, false],
    ['https://host.test/#a', true, false],
    ['http://localhost:7071/', true, true],
    ['http://127.0.0.1:7071/', true, true],
    ['http://[::1]:7071/', true, true],
    ['http://host.test/', false, false],
    ['http://localhost.evil.test/', false, false],
    ['http://127.0.0.1.evil.test/', false, false],
    ['https://user@host.test/', false, false],
    ['https://user:password@host.test/', false, false],
    ['javascript:alert(1)', false, false],
    ['file:///etc/passwd', false, false],
    ['host.test', false, false],
    ['', false, false],
  ]
  for (const [text, safe, base] of cases) {
    it(`${JSON.stringify(text)} is ${safe ? '' : 'not '}taken${safe && !base ? ', but never extended' : ''}`, () => {
      expect(readSafeUrl(text) !== undefined).toBe(safe)
      expect(readBaseUrl(text) !== undefined).toBe(base)
    })
  }

  it('is loopback by its whole name only', () => {
    expect(
      ['http://localhost', 'http://[::1]', 'https://localhost.test'].map((each) => isLoopback(new URL(each))),
    ).toEqual([true, true, false])
  })
})
