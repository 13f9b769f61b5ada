import { expect, test } from 'vitest'
import { describedAs, objectIdsIn } from '../../shared/sync/objectId.ts'

const id = '7e06b566-15f3-4013-8bf8-79874d52e68a'
const other = '00000000-15f3-4013-8bf8-79874d52e68a'

test('what a first sign-in writes is found again', () => {
  expect(objectIdsIn(describedAs({ objectId: id }) ?? '')).toEqual([id])
})

test('nothing is written where the token has no object id, or something else', () => {
  expect([describedAs({ objectId: undefined }), describedAs({ objectId: 'object' })]).toEqual([undefined, undefined])
})

test.each([
  ['', []],
  ['NOC', []],
  [id, []],
  [`Entra ID ${id}`, [id]],
  [`third floor, entra id ${id.toUpperCase()}.`, [id]],
  [`Entra ID ${id}, once more: Entra ID ${id}`, [id]],
  [`Entra ID ${id} Entra ID ${other}`, [id, other]],
  [`Entra ID ${id}0`, []],
  [`Entra ID 0${id}`, []],
  [`Entra ID ${id}-1`, []],
  ['Entra ID unknown', []],
  [`NoEntra ID ${id}`, []],
])('"%s" carries %j', (description, ids) => {
  expect(objectIdsIn(description)).toEqual(ids)
})
