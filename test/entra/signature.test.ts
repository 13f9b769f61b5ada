import { generateKeyPairSync, sign } from 'node:crypto'
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { TokenCheck } from '../../shared/entra/failures.ts'
import { readSigned } from '../../shared/entra/signature.ts'
import { failureIn } from '../failing.ts'

const pairOf = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const [known, weak, foreign] = [pairOf(2048), pairOf(1024), pairOf(2048)]
const jwkOf = ({ publicKey }: typeof known, kid: string): JWK => ({ ...publicKey.export({ format: 'jwk' }), kid })
const keys = createLocalJWKSet({ keys: [jwkOf(known, 'known'), jwkOf(weak, 'weak')] })

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const claims = { sub: 'somebody' }

function signed(header: object, payload: unknown = claims, { privateKey } = known): string {
  const input = `${encode({ alg: 'RS256', kid: 'known', ...header })}.${encode(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
}

const unencoded = (): string => {
  const head = encode({ alg: 'RS256', kid: 'known', crit: ['b64'], b64: false })
  return `${head}.claims.${sign('sha256', Buffer.from(`${head}.claims`), known.privateKey).toString('base64url')}`
}
const shortened = (): string => {
  const [head, payload, signature = ''] = signed({}).split('.')
  return `${head}.${payload}.${Buffer.from(signature, 'base64url').subarray(0, 255).toString('base64url')}`
}

/** The same token is given to jose's own verification: what it refuses must be refused here. */
const byJose = (token: string): Promise<unknown> => jwtVerify(token, keys, { algorithms: ['RS256'] })

describe('A signed token', () => {
  const taken: [what: string, token: string][] = [
    ['of a key of the set', signed({})],
    ['whose header says more than is needed', signed({ typ: 'JWT', x5t: 'thumbprint' })],
    ['that brings a key of its own, which counts for nothing', signed({ jwk: jwkOf(foreign, 'known') })],
  ]
  it.each(taken)('%s gives its claims', async (_, token) => {
    expect(await readSigned(token, keys)).toEqual(claims)
    await expect(byJose(token)).resolves.toMatchObject({ payload: claims })
  })

  const refused: [what: string, check: TokenCheck, token: string][] = [
    ['of a foreign key that it brings itself', 'signature', signed({ jwk: jwkOf(foreign, 'known') }, claims, foreign)],
    ['of a key that is too short', 'signature', signed({ kid: 'weak' }, claims, weak)],
    ['that names no key, where there are several', 'signature', signed({ kid: undefined })],
    ['whose key id is no text', 'signature', signed({ kid: 1 })],
    ['with an extension that must be understood', 'algorithm', signed({ crit: ['limit'], limit: 1 })],
    ['whose payload is not encoded', 'algorithm', unencoded()],
    ['whose algorithm is written otherwise', 'algorithm', signed({ alg: 'rs256' })],
    ['without an algorithm', 'algorithm', signed({ alg: undefined })],
    ['with a shortened signature', 'signature', shortened()],
    ['with an empty signature', 'signature', signed({}).replace(/[^.]+$/, '')],
    ['with something that is no base64url in its signature', 'format', `${signed({})}!`],
    ['with a blank before it', 'format', ` ${signed({})}`],
    ['with a fourth part', 'format', `${signed({})}.e30`],
    ['without its last part', 'format', signed({}).replace(/\.[^.]+$/, '')],
    ['whose claims are no JSON', 'format', signed({}, 'claims')],
    ['whose claims are a list', 'format', signed({}, [claims])],
  ]
  it.each(refused)('%s is refused (%s)', async (_, check, token) => {
    expect(await failureIn(() => readSigned(token, keys))).toEqual({ code: 'token_rejected', check })
    await expect(byJose(token)).rejects.toThrow()
  })

  it('with a line break behind it is refused, which jose overlooks', async () => {
    expect(await failureIn(() => readSigned(`${signed({})}\n`, keys))).toEqual({
      code: 'token_rejected',
      check: 'format',
    })
  })
})
