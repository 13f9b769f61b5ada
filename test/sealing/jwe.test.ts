import { createSecretKey, randomBytes } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { decryptCompact, encryptCompact } from '../../shared/sealing/jwe.ts'

const bytes = randomBytes(32)
const key = createSecretKey(bytes)
const text = '{"name":"Zoë"}'
const token = encryptCompact(text, key)
const [header = '', , iv = '', ciphertext = '', tag = ''] = token.split('.')
const encoded = (value: string): string => Buffer.from(value).toString('base64url')

describe('A compact JWE', () => {
  it('is one that another implementation reads', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(token, bytes)
    expect(Buffer.from(plaintext).toString()).toBe(text)
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM' })
  })

  it('is read where another implementation wrote it', async () => {
    const written = new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    expect(decryptCompact(await written.encrypt(bytes), key)).toBe(text)
  })

  it('has another initialization vector each time', () => {
    const vectors = Array.from({ length: 100 }, () => encryptCompact(text, key).split('.')[2])
    expect(new Set(vectors).size).toBe(100)
  })

  it.each([0, 1, 1000])('holds %i characters', (length) => {
    expect(decryptCompact(encryptCompact('x'.repeat(length), key), key)).toBe('x'.repeat(length))
  })

  const shortTag = Buffer.from(tag, 'base64url').subarray(0, 12).toString('base64url')
  const longTag = Buffer.concat([Buffer.from(tag, 'base64url'), Buffer.alloc(4)]).toString('base64url')
  const refused: [what: string, token: string][] = [
    ['with a shorter tag', `${header}..${iv}.${ciphertext}.${shortTag}`],
    ['with a longer tag', `${header}..${iv}.${ciphertext}.${longTag}`],
    ['without a tag', `${header}..${iv}.${ciphertext}.`],
    ['with a shorter vector', `${header}..${iv.slice(0, 12)}.${ciphertext}.${tag}`],
    ['with a longer vector', `${header}..${iv}AAAA.${ciphertext}.${tag}`],
    ['with an encrypted key', `${header}.AAAA.${iv}.${ciphertext}.${tag}`],
    ['with a sixth part', `${token}.AAAA`],
    ['without its last part', `${header}..${iv}.${ciphertext}`],
    ['whose header is spelled otherwise', `${encoded('{"enc":"A256GCM","alg":"dir"}')}..${iv}.${ciphertext}.${tag}`],
    ['of another encryption', `${encoded('{"alg":"dir","enc":"A128GCM"}')}..${iv}.${ciphertext}.${tag}`],
    ['with nothing in it', '....'],
  ]
  it.each(refused)('%s is not read', (_, each) => expect(decryptCompact(each, key)).toBeUndefined())
})
