import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { StoredSecret } from '../configuration/secretStore.ts'
import type { CredentialKind } from '../configuration/settings.ts'
import { AppError } from '../failure.ts'
import { Secret } from '../secret.ts'

/** What proves this application to Entra ID, in the form in which MSAL takes it. */
export type ClientCredential =
  | { kind: 'secret'; secret: Secret; expiresOn: Date | undefined }
  | { kind: 'certificate'; privateKey: Secret; thumbprintSha256: string; x5c: string; expiresOn: Date }
  /** `assertion` gives a fresh token of the managed identity; there is no secret at all. */
  | { kind: 'managed-identity'; assertion: () => Promise<string> }

/** Content types with which Key Vault marks the secret of a certificate. */
const certificateTypes = ['application/x-pkcs12', 'application/x-pem-file']

/** Key Vault takes 25 kB at the most; in characters. */
const longestCredential = 100_000

/** The longest RSA key that Key Vault makes has 4,096 bits; one signature with a far longer one takes seconds. */
const longestKey = 8192

/**
 * Reads a stored credential.
 * @throws AppError secret_invalid that says what is wrong with it, never what it is
 */
export async function readCredential(
  kind: Exclude<CredentialKind, 'managed-identity'>,
  name: string,
  stored: StoredSecret,
): Promise<ClientCredential> {
  const text = stored.value.reveal()
  const invalid = (problem: string, cause?: unknown): AppError =>
    new AppError({ code: 'secret_invalid', secret: name, problem }, { cause })
  if (text.trim() === '') throw invalid('it is empty')
  if (text.length > longestCredential) throw invalid(`it is longer than ${longestCredential} characters`)
  if (kind === 'secret') {
    const isCertificate = text.includes('-----BEGIN ') || certificateTypes.includes(stored.contentType ?? '')
    if (isCertificate) throw invalid('it holds a certificate, but the credential kind is secret')
    return { kind, secret: new Secret(text.trim()), expiresOn: stored.expiresOn }
  }
  return certificateOf(await pemOf(text, invalid), invalid)
}

type Invalid = (problem: string, cause?: unknown) => AppError

/** Key Vault keeps a certificate as PEM or as PKCS#12 in base64 without a password; both hold key and chain. */
async function pemOf(text: string, invalid: Invalid): Promise<string> {
  if (text.includes('-----BEGIN ')) return text
  const { pemOfPkcs12, TooMuchWork } = await import('./pkcs12.ts')
  try {
    return await pemOfPkcs12(text)
  } catch (cause) {
    const problem =
      cause instanceof TooMuchWork
        ? 'its PKCS#12 asks for too many rounds of key derivation: export it again with 2,048'
        : 'it is neither PEM nor PKCS#12 in base64 without a password'
    throw invalid(problem, cause)
  }
}

function certificateOf(pem: string, invalid: Invalid): ClientCredential {
  const keyPem = /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/.exec(pem)?.[0]
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (keyPem === undefined) throw invalid('it has no unencrypted RSA private key')
  if (chain.length === 0) throw invalid('it has no certificate')
  try {
    const key = createPrivateKey(keyPem)
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > longestKey)
      throw invalid(`its key is longer than ${longestKey} bits`)
    const certificates = chain.map((each) => new X509Certificate(each))
    // A chain may begin with its authority; the leaf is the one that the key belongs to.
    const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key))
    if (leaf === undefined) throw invalid('its private key belongs to none of its certificates')
    if (key.asymmetricKeyType !== 'rsa') throw invalid('Entra ID takes RSA keys only')
    const ordered = [leaf, ...certificates.filter((certificate) => certificate !== leaf)]
    return {
      kind: 'certificate',
      privateKey: new Secret(keyPem),
      thumbprintSha256: createHash('sha256').update(leaf.raw).digest('hex'),
      x5c: ordered.map((certificate) => certificate.toString()).join('\n'),
      expiresOn: new Date(leaf.validTo),
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : invalid('its key or certificate cannot be read', cause)
  }
}
