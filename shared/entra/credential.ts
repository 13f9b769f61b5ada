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
  if (kind === 'secret') {
    const isCertificate = text.includes('-----BEGIN ') || certificateTypes.includes(stored.contentType ?? '')
    if (isCertificate) throw invalid('it holds a certificate, but the credential kind is secret')
    return { kind, secret: new Secret(text.trim()), expiresOn: stored.expiresOn }
  }
  const pem = text.includes('-----BEGIN ') ? text : await pemOfPkcs12(text, invalid)
  return certificateOf(pem, invalid)
}

type Invalid = (problem: string, cause?: unknown) => AppError

/** Key Vault keeps a certificate as PEM or as PKCS#12 in base64 without a password; both hold key and chain. */
async function pemOfPkcs12(text: string, invalid: Invalid): Promise<string> {
  const { default: forge } = await import('node-forge')
  try {
    const container = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(forge.util.decode64(text.trim())), '')
    const bags = (type: string) => container.getBags({ bagType: type })[type] ?? []
    const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids
    const keys = [...bags(pkcs8ShroudedKeyBag ?? ''), ...bags(keyBag ?? '')]
    const key = keys.find((bag) => bag.key)?.key
    const certificates = bags(certBag ?? '').flatMap((bag) => (bag.cert ? [forge.pki.certificateToPem(bag.cert)] : []))
    return [...(key ? [forge.pki.privateKeyToPem(key)] : []), ...certificates].join('\n')
  } catch (cause) {
    throw invalid('it is neither PEM nor PKCS#12 in base64 without a password', cause)
  }
}

function certificateOf(pem: string, invalid: Invalid): ClientCredential {
  const keyPem = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA )?PRIVATE KEY-----/.exec(pem)?.[0]
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (keyPem === undefined) throw invalid('it has no unencrypted RSA private key')
  if (chain.length === 0) throw invalid('it has no certificate')
  try {
    const key = createPrivateKey(keyPem)
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
