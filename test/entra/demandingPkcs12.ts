import forge from 'node-forge'
import { pkcs12Of, type TestCertificate } from './certificates.ts'

declare module 'node-forge' {
  namespace pkcs12 {
    function generateKey(
      password: string,
      salt: util.ByteStringBuffer,
      id: number,
      rounds: number,
      length: number,
    ): util.ByteStringBuffer
  }
}

/** Where a container may say how often keys are derived: for its checksum, a key, or what is sealed with a password. */
export type RoundsAt = 'checksum' | 'key' | 'seal' | 'key under the seal'

type Node = forge.asn1.Asn1

const { asn1 } = forge
const { Class, Type } = asn1
const create = (type: forge.asn1.Type, value: string | Node[]) =>
  asn1.create(Class.UNIVERSAL, type, typeof value !== 'string', value)
const oid = (text: string) => create(Type.OID, asn1.oidToDer(text).getBytes())
const number = (value: number) => create(Type.INTEGER, forge.util.hexToBytes(value.toString(16).padStart(8, '0')))
const tagged = (value: string | Node[]) => asn1.create(Class.CONTEXT_SPECIFIC, 0, typeof value !== 'string', value)

function partsOf(node: Node | undefined): Node[] {
  if (!Array.isArray(node?.value)) throw new TypeError('not the container that was expected')
  return node.value
}

const few = 2048

/** EncryptedData (RFC 2315 13) with 3DES and no password, which says that its key takes so many rounds. */
function seal(content: string, rounds: number): Node {
  const salt = forge.random.getBytesSync(8)
  const derive = (id: number, length: number) =>
    forge.pkcs12.generateKey('', forge.util.createBuffer(salt), id, few, length)
  const cipher = forge.cipher.createCipher('3DES-CBC', derive(1, 24))
  cipher.start({ iv: derive(2, 8) })
  cipher.update(forge.util.createBuffer(content))
  cipher.finish()
  const parameters = create(Type.SEQUENCE, [create(Type.OCTETSTRING, salt), number(rounds)])
  const scheme = create(Type.SEQUENCE, [oid('1.2.840.113549.1.12.1.3'), parameters])
  const encrypted = [oid('1.2.840.113549.1.7.1'), scheme, tagged(cipher.output.getBytes())]
  const data = create(Type.SEQUENCE, [number(0), create(Type.SEQUENCE, encrypted)])
  return create(Type.SEQUENCE, [oid('1.2.840.113549.1.7.6'), tagged([data])])
}

/** A PKCS#12 container that asks for so many rounds in one place; to make it takes few of them. */
export function demandingPkcs12(leaf: TestCertificate, rounds: number, at: RoundsAt): string {
  const container = asn1.fromDer(Buffer.from(pkcs12Of(leaf, [leaf], '3des'), 'base64').toString('latin1'))
  const [, safe, checksum] = partsOf(container)
  const [octets] = partsOf(partsOf(safe)[1])
  const contents = asn1.fromDer(String(octets?.value))
  const [, plain] = partsOf(contents)
  const [keys] = partsOf(partsOf(plain)[1])
  const bags = asn1.fromDer(String(keys?.value))
  const [shrouded] = partsOf(partsOf(partsOf(bags)[0])[1])
  if (octets === undefined || keys === undefined) throw new TypeError('not the container that was expected')

  if (at === 'checksum') partsOf(checksum).splice(-1, 1, number(rounds))
  // It is optional, and would no longer be right.
  else partsOf(container).pop()
  if (at.startsWith('key')) partsOf(partsOf(partsOf(shrouded)[0])[1]).splice(-1, 1, number(rounds))
  keys.value = asn1.toDer(bags).getBytes()
  if (at === 'seal') partsOf(contents).push(seal(keys.value, rounds))
  if (at === 'key under the seal') partsOf(contents).splice(0, 2, seal(keys.value, few))
  octets.value = asn1.toDer(contents).getBytes()
  return forge.util.encode64(asn1.toDer(container).getBytes())
}
