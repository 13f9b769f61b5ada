import { X509Certificate } from 'node:crypto'
import { AppError } from '../failure.ts'
import { Secret } from '../secret.ts'
import { type CloudName, cloudNames } from './clouds.ts'

/** Every setting that is read, in the order of the documentation. README, sample file and Bicep are tested against it. */
export const settingNames = [
  'KEY_VAULT_URL',
  'ENTRA_CONFIG_SECRET',
  'ENTRA_CREDENTIAL_SECRET',
  'SIGN_IN_KEY_SECRET',
  'MICETRO_PASSWORD_SECRET',
  'ENTRA_CANDIDATE_SECRET',
  'ENTRA_TENANT_ID',
  'ENTRA_CLIENT_ID',
  'ENTRA_REDIRECT_URI',
  'ENTRA_SCOPE',
  'ENTRA_CREDENTIAL_KIND',
  'ENTRA_CLOUD',
  'ENTRA_AUTHORITY_HOST',
  'GRAPH_ENDPOINT',
  'MICETRO_API_URLS',
  'MICETRO_API_USER',
  'MICETRO_WEB_URL',
  'MICETRO_CA_CERTIFICATES',
  'CENTRAL_CALLBACK_URL',
  'RECONCILE_SCHEDULE',
  'ENTRA_CLIENT_CREDENTIAL',
  'MICETRO_API_PASSWORD',
  'SIGN_IN_KEY',
] as const

export type SettingName = (typeof settingNames)[number]

/** These hold secrets in plain text, so they are refused beside a vault. */
export const localOnlySettings = ['ENTRA_CLIENT_CREDENTIAL', 'MICETRO_API_PASSWORD', 'SIGN_IN_KEY'] as const

export const credentialKinds = ['secret', 'certificate', 'managed-identity'] as const

/** How the application proves itself to Entra ID. */
export type CredentialKind = (typeof credentialKinds)[number]

/** Where a secret lives: its name in the vault, or, without a vault, its value. */
export interface SecretNames {
  configuration: string
  credential: string
  signInKey: string
  micetroPassword: string
  /** Holds a candidate while Test sign-in tries it. */
  candidate: string
}

export interface MicetroSettings {
  /** Base addresses of the web API in order of preference, without a trailing slash. */
  apiUrls: readonly string[]
  apiUser: string
  /** Where a signed-in user lands. */
  webUrl: URL
  /** PEM of a private certificate authority, or an empty string. */
  caCertificates: string
}

/** Values under the saved configuration; absent where the setting is not set. */
export interface EntraDefaults {
  tenant_id?: string
  client_id?: string
  redirect_uri?: string
  scope?: string
  credential_kind?: CredentialKind
  cloud?: CloudName
}

export interface Settings {
  /** Absent: local development, the secrets come from settings. */
  vaultUrl: URL | undefined
  secrets: SecretNames
  entra: EntraDefaults
  /** Hosts of the cloud named `custom`; only app settings can name them. */
  customCloud: { login: string; graph: string } | undefined
  /** Absent when Micetro is not configured: then only sign-ins started by Central work. */
  micetro: MicetroSettings | undefined
  centralCallbackUrl: URL | undefined
  /** Only without a vault. */
  local: { credential: Secret | undefined; micetroPassword: Secret | undefined; signInKey: Secret | undefined }
}

/** True for the loopback names, where plain http and a simulated vault are acceptable. */
export function isLoopback(url: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

/** @returns the address when it is https, or http on loopback, without user name and password */
export function readSafeUrl(text: string): URL | undefined {
  const url = URL.parse(text.trim())
  if (url === null) return undefined
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) return undefined
  return url.username === '' && url.password === '' ? url : undefined
}

/** As readSafeUrl, for an address that is extended or compared: no query and no fragment either. */
export function readBaseUrl(text: string): URL | undefined {
  const url = readSafeUrl(text)
  return url !== undefined && url.hash === '' && url.search === '' ? url : undefined
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, '')

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads all settings at once.
 * @throws AppError config_invalid that lists every problem, not the first one only
 */
export function readSettings(env: Environment): Settings {
  const { settings, problems } = inspectSettings(env)
  if (problems.length > 0) throw new AppError({ code: 'config_invalid', problems })
  return settings
}

/** As far as the settings can be read, and what is wrong with the others, each by name. */
export function inspectSettings(env: Environment): { settings: Settings; problems: string[] } {
  const problems: string[] = []
  const text = (name: SettingName): string | undefined => {
    const value = env[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const url = (name: SettingName, read: (text: string) => URL | undefined = readBaseUrl): URL | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const result = read(value)
    if (result === undefined) problems.push(`${name} must be an https address`)
    return result
  }
  const secret = (name: SettingName): Secret | undefined => {
    const value = text(name)
    return value === undefined ? undefined : new Secret(value)
  }
  const oneOf = <T extends string>(name: SettingName, allowed: readonly T[]): T | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const found = allowed.find((candidate) => candidate === value.toLowerCase())
    if (found === undefined) problems.push(`${name} must be one of ${allowed.join(', ')}`)
    return found
  }

  // It could not do what it says, but whoever set it believes that certificates need not be right.
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED must not be 0: certificates are always verified; remove it')

  const vaultUrl = url('KEY_VAULT_URL')
  if (text('KEY_VAULT_URL') !== undefined) {
    for (const name of localOnlySettings) {
      if (text(name) !== undefined)
        problems.push(`${name} is for local development and must not be set beside KEY_VAULT_URL`)
    }
  }

  const schedule = text('RECONCILE_SCHEDULE')
  // The host judges the rest; what has another number of fields it would take for no schedule at all.
  if (schedule !== undefined && !/^(\S+\s+){4,5}\S+$/.test(schedule))
    problems.push('RECONCILE_SCHEDULE must be an NCRONTAB expression of five or six fields')

  const tenantId = text('ENTRA_TENANT_ID')
  const clientId = text('ENTRA_CLIENT_ID')
  const redirectUri = url('ENTRA_REDIRECT_URI')
  const scope = text('ENTRA_SCOPE')
  const credentialKind = oneOf('ENTRA_CREDENTIAL_KIND', credentialKinds)
  const cloud = oneOf('ENTRA_CLOUD', cloudNames)

  const settings: Settings = {
    vaultUrl,
    secrets: {
      configuration: text('ENTRA_CONFIG_SECRET') ?? 'micetro-entra-config',
      credential: text('ENTRA_CREDENTIAL_SECRET') ?? 'micetro-entra-client-credential',
      signInKey: text('SIGN_IN_KEY_SECRET') ?? 'micetro-sign-in-key',
      micetroPassword: text('MICETRO_PASSWORD_SECRET') ?? 'micetro-api-password',
      candidate: text('ENTRA_CANDIDATE_SECRET') ?? 'micetro-entra-candidate',
    },
    entra: {
      ...(tenantId !== undefined && { tenant_id: tenantId }),
      ...(clientId !== undefined && { client_id: clientId }),
      ...(redirectUri !== undefined && { redirect_uri: text('ENTRA_REDIRECT_URI') ?? '' }),
      ...(scope !== undefined && { scope }),
      ...(credentialKind !== undefined && { credential_kind: credentialKind }),
      ...(cloud !== undefined && { cloud }),
    },
    customCloud: readCustomCloud(text, problems),
    micetro: readMicetro(text, url('MICETRO_WEB_URL', readSafeUrl), problems),
    centralCallbackUrl: url('CENTRAL_CALLBACK_URL'),
    local: {
      credential: secret('ENTRA_CLIENT_CREDENTIAL'),
      micetroPassword: secret('MICETRO_API_PASSWORD'),
      signInKey: secret('SIGN_IN_KEY'),
    },
  }
  return { settings, problems }
}

function isPem(text: string): boolean {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  try {
    for (const each of certificates) new X509Certificate(each)
    return certificates.length > 0
  } catch {
    return false
  }
}

type ReadText = (name: SettingName) => string | undefined

function readCustomCloud(text: ReadText, problems: string[]): Settings['customCloud'] {
  const host = text('ENTRA_AUTHORITY_HOST')
  const graphText = text('GRAPH_ENDPOINT')
  if (text('ENTRA_CLOUD')?.toLowerCase() !== 'custom') {
    if (host !== undefined) problems.push('ENTRA_AUTHORITY_HOST is for ENTRA_CLOUD=custom only')
    if (graphText !== undefined) problems.push('GRAPH_ENDPOINT is for ENTRA_CLOUD=custom only')
    return undefined
  }
  const login = host === undefined ? undefined : readBaseUrl(host.includes('://') ? host : `https://${host}`)
  const graph = graphText === undefined ? undefined : readBaseUrl(graphText)
  if (login === undefined)
    problems.push('ENTRA_AUTHORITY_HOST must be a host name or an https address when ENTRA_CLOUD is custom')
  if (graph === undefined) problems.push('GRAPH_ENDPOINT must be an https address when ENTRA_CLOUD is custom')
  return login && graph && { login: withoutSlash(login.href), graph: withoutSlash(graph.href) }
}

function readMicetro(text: ReadText, webUrl: URL | undefined, problems: string[]): MicetroSettings | undefined {
  const urls = text('MICETRO_API_URLS')
  const apiUser = text('MICETRO_API_USER')
  // PEM in an environment variable often has its line breaks written as \n.
  const caCertificates = (text('MICETRO_CA_CERTIFICATES') ?? '').replaceAll('\\n', '\n')
  if (caCertificates !== '' && !isPem(caCertificates))
    problems.push('MICETRO_CA_CERTIFICATES must hold certificates in PEM')
  if (urls === undefined && apiUser === undefined && text('MICETRO_WEB_URL') === undefined) return undefined
  if (urls === undefined) problems.push('MICETRO_API_URLS is not set')
  if (apiUser === undefined) problems.push('MICETRO_API_USER is not set')
  if (text('MICETRO_WEB_URL') === undefined) problems.push('MICETRO_WEB_URL is not set')

  const apiUrls: string[] = []
  const parts = urls?.split(',').map((each) => each.trim()) ?? []
  for (const [index, part] of parts.entries()) {
    if (part === '') continue
    const read = readBaseUrl(part)
    if (read === undefined) problems.push(`address ${index + 1} of MICETRO_API_URLS is not an https address`)
    else apiUrls.push(withoutSlash(read.href))
  }
  if (urls !== undefined && apiUrls.length === 0) problems.push('MICETRO_API_URLS names no address')
  return apiUser === undefined || webUrl === undefined ? undefined : { apiUrls, apiUser, webUrl, caCertificates }
}
