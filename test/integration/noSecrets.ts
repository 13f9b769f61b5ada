import { expect } from 'vitest'
import type { Stage } from './stage.ts'

/** Values that went over the wire or through a cookie and must be seen nowhere else. */
const collected = new Set<string>()

/** Remembers a value that must not be printed; short ones would be found by chance. */
export function mustNotBePrinted(value: string | null | undefined): void {
  if (value !== null && value !== undefined && value.length >= 12) collected.add(value)
}

const secretFields = [
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'refresh_token',
  'nonce',
  'password',
  'session',
]

/** Gathers the secrets of everything that the simulators were asked since their records were last emptied. */
export function gatherSecrets({ world, host }: Stage): void {
  const { entra, graph, vault, identity, micetro } = world
  for (const value of Object.values(world.secrets)) mustNotBePrinted(value)
  mustNotBePrinted(host.functionKey)
  mustNotBePrinted(identity.environment.IDENTITY_HEADER)
  for (const request of [entra, graph, vault, identity, ...micetro.nodes].flatMap(({ requests }) => requests)) {
    const { authorization } = request.headers
    mustNotBePrinted(authorization?.replace(/^\w+ /, ''))
    const fields = new URLSearchParams(request.body.startsWith('{') ? '' : request.body)
    for (const [name, value] of new URLSearchParams(request.query)) fields.append(name, value)
    for (const name of secretFields) for (const value of fields.getAll(name)) mustNotBePrinted(value)
    if (request.body.startsWith('{')) {
      for (const name of secretFields) {
        mustNotBePrinted(new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(request.body)?.[1])
      }
    }
  }
}

/** No secret that was used is in what the application printed, at the most talkative log level. */
export function expectNoSecrets(stage: Stage): void {
  gatherSecrets(stage)
  const output = stage.output()
  expect(output).toContain('"event":')
  expect(collected.size).toBeGreaterThan(10)
  expect([...collected].filter((value) => output.includes(value))).toEqual([])
  // ID tokens and sealed attempts travel in answers, which are not recorded; each begins like any JWT or JWE.
  expect(output).not.toMatch(/eyJ[\w-]{10,}\.[\w-]*\./)
}
