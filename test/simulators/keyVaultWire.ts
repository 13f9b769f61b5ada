import type { SecretVersionOptions } from './keyVaultSecrets.ts'

/** An error as the vault tells it. */
export interface Refusal {
  status: number
  code: string
  message: string
  inner?: string
}

export class VaultError extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** On the wire it is `innererror`; the SDK's objects say `innerError` (platform facts, 7.2). */
export const errorBody = ({ code, message, inner }: Refusal): unknown => ({
  error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) },
})

/** The value and what may go with it, from the body of a PUT. */
export function readNewVersion(text: string): [value: string, options: SecretVersionOptions] {
  const { value, contentType, tags, attributes } = fieldsOf(parsed(text))
  const { enabled, exp, nbf } = fieldsOf(attributes)
  if (typeof value !== 'string') {
    throw new VaultError({ status: 400, code: 'BadParameter', message: 'The value of the secret is missing.' })
  }
  const options: SecretVersionOptions = {
    ...(typeof contentType === 'string' && { contentType }),
    ...(tags !== undefined && {
      tags: Object.fromEntries(Object.entries(fieldsOf(tags)).map(([name, tag]) => [name, String(tag)])),
    }),
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(typeof exp === 'number' && { expiresOn: new Date(exp * 1000) }),
    ...(typeof nbf === 'number' && { notBefore: new Date(nbf * 1000) }),
  }
  return [value, options]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
