import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AppError, describe as describeError } from '../shared/failure.ts'
import { Secret } from '../shared/secret.ts'

const value = 'hush-hush'
const secret = new Secret(value)

describe('A secret', () => {
  const prints: [name: string, text: () => string][] = [
    ['a template', () => `${secret}`],
    ['String()', () => String(secret)],
    ['concatenation', () => `${['a', secret].join(' ')}`],
    ['JSON', () => JSON.stringify({ secret })],
    ['JSON inside an array', () => JSON.stringify([[secret]])],
    ['inspect', () => inspect(secret)],
    ['inspect with everything shown', () => inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['console formatting', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['its keys', () => JSON.stringify(Object.getOwnPropertyNames(secret))],
    ['a copy by spreading', () => JSON.stringify({ ...secret })],
    [
      'an error that has it as its cause',
      () => describeError(new AppError({ code: 'internal' }, { cause: new Error(`with ${secret}`) })),
    ],
    ['an error that holds it', () => inspect(Object.assign(new Error('failed'), { secret }))],
  ]
  for (const [name, text] of prints) it(`does not print in ${name}`, () => expect(text()).not.toContain(value))

  it('prints as a mask, so that its absence shows', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(['[secret]', '"[secret]"', '[secret]'])
  })

  it('is given when it is revealed', () => expect(secret.reveal()).toBe(value))

  it('equals another of the same value only', () => {
    expect(secret.equals(new Secret(value))).toBe(true)
    expect(secret.equals(new Secret(`${value}!`))).toBe(false)
  })
})
