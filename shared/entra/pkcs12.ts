import type forge from 'node-forge'

declare module 'node-forge' {
  namespace pki {
    /** There since long, and missing in the library's types. */
    namespace pbe {
      function getCipher(oid: string, parameters: asn1.Asn1, password: string): cipher.BlockCipher
    }
  }
}

type Forge = typeof forge
type Node = forge.asn1.Asn1

/** Rounds of key derivation that one container may ask for in all: some hundred milliseconds. Usual are 2,000 to 10,000 each. */
const mostRounds = 50_000

/** A container that is not opened because of the work that it asks for. */
export class TooMuchWork extends Error {}

/**
 * Reads a PKCS#12 container without a password (RFC 7292) as PEM: its private key, if any, and its certificates.
 * @param text in base64
 * @throws TooMuchWork before any of it was done; any other error when it is no such container
 */
export async function pemOfPkcs12(text: string): Promise<string> {
  const { default: forge } = await import('node-forge')
  const container = forge.asn1.fromDer(Buffer.from(text, 'base64').toString('latin1'))
  requireLittleWork(forge, container)
  const opened = forge.pkcs12.pkcs12FromAsn1(container, '')
  const bags = (type: string) => opened.getBags({ bagType: type })[type] ?? []
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids
  const keys = [...bags(pkcs8ShroudedKeyBag ?? ''), ...bags(keyBag ?? '')]
  const key = keys.find((bag) => bag.key)?.key
  const certificates = bags(certBag ?? '').flatMap((bag) => (bag.cert ? [forge.pki.certificateToPem(bag.cert)] : []))
  return [...(key ? [forge.pki.privateKeyToPem(key)] : []), ...certificates].join('\n')
}

/**
 * The library derives keys as often as the container says, and nothing else runs meanwhile. So the rounds are counted
 * first: wherever they stand, it is as the number after a salt. What is encrypted is looked into with what is left.
 */
function requireLittleWork(forge: Forge, container: Node): void {
  const { Type } = forge.asn1
  const queue: Node[] = [container]
  const sealed: { scheme: Node; content: Node }[] = []
  let rounds = 0
  const look = (node: Node): void => {
    if (node.type === Type.OCTETSTRING) {
      const inner = parse(forge, octetsOf(node))
      if (inner !== undefined) queue.push(inner)
    }
    if (!Array.isArray(node.value)) return
    queue.push(...node.value)
    for (const [index, { type, value }] of node.value.entries()) {
      if (type === Type.INTEGER && node.value[index - 1]?.type === Type.OCTETSTRING && typeof value === 'string')
        rounds += Number(`0x${forge.util.bytesToHex(value)}`)
    }
    // EncryptedContentInfo (RFC 2315 10.1): what it is, how it is encrypted, and the content under the tag 0.
    const [, scheme, content] = node.value
    if (scheme?.type === Type.SEQUENCE && content?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC)
      sealed.push({ scheme, content })
  }
  for (;;) {
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) look(node)
    if (!(rounds <= mostRounds)) throw new TooMuchWork(`more than ${mostRounds} rounds`)
    const next = sealed.pop()
    if (next === undefined) return
    const inner = unseal(forge, next.scheme, octetsOf(next.content))
    if (inner !== undefined) queue.push(inner)
  }
}

/** The bytes of a string that may be written in parts. */
function octetsOf({ value }: Node): string {
  return typeof value === 'string'
    ? value
    : value.map((part) => (typeof part.value === 'string' ? part.value : '')).join('')
}

function parse(forge: Forge, bytes: string): Node | undefined {
  try {
    return forge.asn1.fromDer(bytes)
  } catch {
    return undefined
  }
}

function unseal(forge: Forge, { value }: Node, bytes: string): Node | undefined {
  const [oid, parameters] = Array.isArray(value) ? value : []
  if (typeof oid?.value !== 'string' || parameters === undefined) return undefined
  try {
    const cipher = forge.pki.pbe.getCipher(forge.asn1.derToOid(oid.value), parameters, '')
    cipher.update(forge.util.createBuffer(bytes))
    return cipher.finish() ? parse(forge, cipher.output.getBytes()) : undefined
  } catch {
    return undefined
  }
}
