import * as v from 'valibot'
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

const newVersion = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    value: v.string(),
    contentType: v.optional(v.string()),
    attributes: v.optional(v.object({ exp: v.optional(v.number()) }), {}),
  }),
)

/** The value and what may go with it, from the body of a PUT. */
export function readNewVersion(text: string): [value: string, options: SecretVersionOptions] {
  const { success, output } = v.safeParse(newVersion, text)
  if (!success) throw new VaultError(400, 'BadParameter', 'The value of the secret is missing.')
  const { value, contentType, attributes } = output
  const { exp } = attributes
  return [value, { contentType, expiresOn: exp === undefined ? undefined : new Date(exp * 1000) }]
}

const newAttributes = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ attributes: v.optional(v.object({ enabled: v.optional(v.boolean()) }), {}) }),
)

/** What a PATCH changes. */
export function readAttributes(text: string): { enabled?: boolean | undefined } {
  const { success, output } = v.safeParse(newAttributes, text)
  if (!success) throw new VaultError(400, 'BadParameter', 'The attributes cannot be read.')
  return output.attributes
}
