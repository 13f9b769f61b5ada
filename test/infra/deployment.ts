import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Workplace } from './scriptRun.ts'

/** What a person or a pipeline sets before a deployment. */
export const environment = {
  AZURE_LOCATION: 'westeurope',
  MICETRO_API_URLS: 'https://micetro.example.com/mmws/api',
  MICETRO_API_USER: 'entra-sign-in',
  MICETRO_WEB_URL: 'https://micetro.example.com/',
}

export const newBuild = 'a'.repeat(40)
export const oldBuild = `${'b'.repeat(40)}-0123456789ab`

/**
 * A status, of the new build unless another is named, and lines; `unknown` is 200 while it is not known yet, `down` the
 * platform's own 503.
 */
export type Answer = number | 'unknown' | 'down' | [status: number | 'unknown', build: string, ...lines: string[]]
type Application = { url: string } & AsyncDisposable

/** Answers /health with one answer after the other, the last one for ever. */
export function application(...answers: Answer[]): Promise<Application> {
  return applicationThat(() => (answers.length > 1 ? answers.shift() : answers[0]) ?? 'down')
}

export async function applicationThat(answers: () => Answer): Promise<Application> {
  const server = createServer((request, response) => {
    const answer = answers()
    if (request.url === '/health' && answer !== 'down') {
      const [status, build, ...lines] = typeof answer === 'object' ? answer : [answer, newBuild]
      response.setHeaders(
        new Map([
          ['x-content-type-options', 'nosniff'],
          ['x-build-id', build],
        ]),
      )
      if (status === 'unknown') response.setHeader('retry-after', '1')
      response.writeHead(status === 'unknown' ? 200 : status)
      response.end(lines.map((line) => `${line}\n`).join(''))
    } else {
      response.writeHead(503).end('Function host is not running.')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export function outputs(url: string, plan = 'FC1'): Record<string, string> {
  return {
    resourceGroupName: 'rg-micetro',
    site: 'func-micetro',
    centralSite: '',
    plan,
    storageName: 'storage',
    appUrl: url,
    probeUrl: url,
    redirectUri: `${url}/mmws/auth_cb/microsoft`,
    centralCallbackUrl: 'https://central.example.com/mmws/auth_cb/microsoft',
    credentialInUse: 'managed-identity',
    identityPrincipalId: 'identity-principal-id',
    centralUrl: `${url}/central/auth_cb`,
    vaultName: 'kv-micetro',
    clientId: 'client-id',
  }
}

/** A zip holds the names of its files as they are. */
export const zipOf = (build: string): string => `PK\u0003\u0004 build-${build}PK\u0001\u0002 build-${build}PK`

/** What storage keeps after a good deployment, and what a deployment now is given. */
export const kept = { 'last-good.zip': zipOf(oldBuild) }
export function packageOf(place: Workplace): string[] {
  writeFileSync(place.path('new.zip'), zipOf(newBuild))
  return ['--package', place.path('new.zip')]
}
