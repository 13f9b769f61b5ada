/**
 * Azure Key Vault, as far as secrets go: the challenge, versions, soft delete and recovery, disabled versions, roles and
 * throttling, as its REST reference has them (https://learn.microsoft.com/rest/api/keyvault/secrets: Get Secret, Get
 * Secret Versions, Set Secret, Update Secret, Recover Deleted Secret). The challenge is in "Authentication, requests and responses",
 * the error codes in "REST API error codes", the limits in "Throttling guidance" (https://learn.microsoft.com/azure/
 * key-vault/general: authentication-requests-and-responses, rest-error-codes, overview-throttling).
 * Left out: keys and certificates, deletion, purge, backup, tags, activation dates.
 */
import type { ServerResponse } from 'node:http'
import type { ServerCertificate } from './certificateAuthority.ts'
import { type SecretVersionOptions, type SimulatedSecretVersion, VaultSecrets } from './keyVaultSecrets.ts'
import { readAttributes, readNewVersion, VaultError } from './keyVaultWire.ts'
import { type FaultRule, type SimulatedServer, sendJson, startServer } from './server.ts'

/** What a token stands for, as its issuer knows it. */
export interface TokenFacts {
  resource: string
  principalId: string
  /** Milliseconds. */
  expiresOn: number
}

/** `read`: values, versions, deleted secrets; `write`: new versions; `update`: attributes; `recover`: soft-deleted secrets. */
export type VaultAction = 'read' | 'write' | 'update' | 'recover'

export interface KeyVaultOptions {
  /** The SDK sends no token over plain HTTP, to a loopback address neither. */
  certificate: ServerCertificate
  /** Whose tokens are accepted, when they are for a vault and have not expired. */
  resolveToken(token: string): TokenFacts | undefined
}

export interface SimulatedKeyVault extends SimulatedServer {
  /** Makes a new version. @returns its version */
  set(name: string, value: string, options?: SecretVersionOptions): string
  /** Oldest first. */
  versions(name: string): readonly SimulatedSecretVersion[]
  softDelete(name: string): void
  disable(name: string, version: string): void
  /** Takes a role away, as RBAC does. */
  forbid(action: VaultAction): void
  /** Gives every role back. */
  permit(): void
  /** Answers 429; `times` defaults to 1. */
  throttle(retryAfterSeconds: number, rule?: FaultRule): void
}

/** Defaults of the SDK: 4.11 and 4.12. */
const apiVersions = ['2025-07-01', '2026-04-01']
const retentionDays = 90
/** Named in the challenge, which differs from cloud to cloud. */
const resource = 'https://vault.azure.net'
const authorization = 'https://login.microsoftonline.com/00000000-0000-4000-8000-00000000c0de'
/** Versions in a page of a list; a real vault gives up to 25, and fewer when it likes, so clients must read on. */
const pageSize = 3

/** Starts a vault that the real SDK can talk to: its challenge, its errors and its soft delete are simulated. */
export async function startKeyVault(options: KeyVaultOptions): Promise<SimulatedKeyVault> {
  const secrets = new VaultSecrets()
  const forbidden = new Set<VaultAction>()

  const check = (action: VaultAction, name: string): void => {
    if (!forbidden.has(action)) return
    const message = `Caller is not authorized to perform action on resource: ${action} ${name}`
    throw new VaultError(403, 'Forbidden', message, 'ForbiddenByRbac')
  }

  /** @returns false after answering with the challenge */
  const authorize = (header: string | undefined, response: ServerResponse): boolean => {
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1]
    const facts = token === undefined ? undefined : options.resolveToken(token)
    if (facts !== undefined && facts.resource === resource && facts.expiresOn > Date.now()) return true
    const message = token === undefined ? 'Request is missing a Bearer token.' : 'The token is not accepted.'
    sendJson(response, 401, new VaultError(401, 'Unauthorized', message).body, {
      'www-authenticate': `Bearer authorization="${authorization}", resource="${resource}"`,
    })
    return false
  }

  const found = (name: string, version?: string): SimulatedSecretVersion => {
    const secret = secrets.find(name, version)
    if (secret !== undefined) return secret
    const message = `A secret with (name/id) ${[name, version].filter(Boolean).join('/')} was not found in this key vault.`
    throw new VaultError(404, 'SecretNotFound', message)
  }

  const show = (name: string, version: SimulatedSecretVersion, part: 'bundle' | 'item'): Record<string, unknown> => ({
    ...(part === 'bundle' && { value: version.value }),
    id: `${server.url}/secrets/${name}/${version.version}`,
    ...(version.contentType !== undefined && { contentType: version.contentType }),
    attributes: {
      enabled: version.enabled,
      ...(version.exp !== undefined && { exp: version.exp }),
      created: version.created,
      updated: version.updated,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: retentionDays,
    },
  })

  const get = (name: string, version: string | undefined): unknown => {
    check('read', name)
    const secret = found(name, version)
    if (secret.enabled) return show(name, secret, 'bundle')
    const message = 'Operation get is not allowed on a disabled secret.'
    throw new VaultError(403, 'Forbidden', message, 'SecretDisabled')
  }

  const list = (name: string, query: URLSearchParams): unknown => {
    check('read', name)
    found(name)
    // Not by age: a real vault lists by the version's random text.
    const all = secrets.versions(name).toSorted((a, b) => (a.version < b.version ? -1 : 1))
    const start = Number(query.get('$skiptoken') ?? 0)
    const end = start + Math.min(pageSize, Number(query.get('maxresults') ?? pageSize))
    const next = new URLSearchParams({
      'api-version': query.get('api-version') ?? '',
      $skiptoken: String(end),
      maxresults: String(end - start),
    })
    return {
      value: all.slice(start, end).map((version) => show(name, version, 'item')),
      nextLink: end < all.length ? `${server.url}/secrets/${name}/versions?${next}` : null,
    }
  }

  const conflict = (inner: string, message: string): VaultError => new VaultError(409, 'Conflict', message, inner)

  const put = (name: string, text: string): unknown => {
    check('write', name)
    const deleted = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused.`
    if (secrets.deletedOn(name) !== undefined) throw conflict('ObjectIsDeletedButRecoverable', deleted)
    if (secrets.takeRecovering(name)) throw conflict('ObjectIsBeingRecovered', `Secret ${name} is being recovered.`)
    const version = secrets.set(name, ...readNewVersion(text))
    return show(name, found(name, version), 'bundle')
  }

  /** Only what is sent changes; the value cannot. */
  const update = (name: string, detail: string | undefined, text: string): unknown => {
    check('update', name)
    const version = found(name, detail)
    const { enabled } = readAttributes(text)
    if (enabled !== undefined) version.enabled = enabled
    return show(name, version, 'item')
  }

  const recover = (name: string): unknown => {
    check('recover', name)
    if (secrets.deletedOn(name) === undefined) {
      throw new VaultError(404, 'SecretNotFound', `Deleted Secret not found: ${name}`)
    }
    secrets.recover(name)
    return show(name, found(name), 'item')
  }

  const route = (method: string, path: readonly string[], query: URLSearchParams, text: string): unknown => {
    const [collection, name = '', detail] = path
    if (!apiVersions.includes(query.get('api-version') ?? '')) {
      throw new VaultError(400, 'BadParameter', 'The api-version is missing or not known.')
    }
    const call = `${method} ${collection}${path.length > 2 && detail !== '' ? '/+' : ''}`
    switch (call) {
      case 'GET secrets':
        return get(name, undefined)
      case 'GET secrets/+':
        return detail === 'versions' ? list(name, query) : get(name, detail)
      case 'PUT secrets':
        return put(name, text)
      case 'PATCH secrets/+':
        return update(name, detail, text)
      case 'POST deletedsecrets/+':
        if (detail === 'recover') return recover(name)
    }
    throw new VaultError(404, 'NotFound', 'There is no such operation.')
  }

  const server = await startServer(
    (request, response) => {
      if (!authorize(request.headers.authorization, response)) return
      // The SDK percent-encodes even the names of query arguments.
      const { pathname, searchParams } = new URL(request.url ?? '/', 'https://vault.invalid')
      try {
        const path = pathname.slice(1).split('/').map(decodeURIComponent)
        sendJson(response, 200, route(request.method ?? 'GET', path, searchParams, request.bodyText))
      } catch (error) {
        if (!(error instanceof VaultError)) throw error
        sendJson(response, error.status, error.body)
      }
    },
    { certificate: options.certificate },
  )

  return {
    ...server,
    set: (name, value, given) => secrets.set(name, value, given),
    versions: (name) => secrets.versions(name),
    softDelete: (name) => secrets.softDelete(name),
    disable: (name, version) => secrets.disable(name, version),
    forbid: (action) => forbidden.add(action),
    permit: () => forbidden.clear(),
    throttle(retryAfterSeconds, rule) {
      const { body } = new VaultError(429, 'Throttled', 'Too many requests.')
      const headers = { 'retry-after': String(retryAfterSeconds), 'content-type': 'application/json' }
      server.misbehave({ kind: 'status', status: 429, headers, body: JSON.stringify(body) }, rule)
    },
  }
}
