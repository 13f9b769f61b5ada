import type { SecretVersionOptions } from './keyVaultSecrets.ts'
import { Refusal } from './server.ts'

/** An error as the vault tells it. On the wire its detail is `innererror`; the SDK's objects say `innerError`. */
export class VaultError extends Refusal<string> {
  readonly inner: string | undefined

  constructor(status: number, code: string, message: string, inner?: string) {
    super(status, code, message)
    this.inner = inner
  }

  get body(): unknown {
    const { code, message, inner } = this
    return { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } }
  }
}

/** The value and what may go with it, from the body of a PUT. */
export function readNewVersion(text: string): [value: string, options: SecretVersionOptions] {
  const { value, contentType, attributes } = fieldsOf(parsed(text))
  const { exp } = fieldsOf(attributes)
  if (typeof value !== 'string') throw new VaultError(400, 'BadParameter', 'The value of the secret is missing.')
  const options: SecretVersionOptions = {
    ...(typeof contentType === 'string' && { contentType }),
    ...(typeof exp === 'number' && { expiresOn: new Date(exp * 1000) }),
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
