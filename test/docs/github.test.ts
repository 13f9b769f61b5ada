import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { cloudNames } from '../../shared/configuration/clouds.ts'

/** The part of GitHub's schema of issue forms that is used here. */
const formSchema = v.strictObject({
  name: v.string(),
  description: v.string(),
  body: v.array(
    v.variant('type', [
      v.strictObject({ type: v.literal('markdown'), attributes: v.strictObject({ value: v.string() }) }),
      v.strictObject({
        type: v.picklist(['input', 'textarea', 'dropdown']),
        id: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
        attributes: v.strictObject({
          label: v.string(),
          description: v.optional(v.string()),
          options: v.optional(v.array(v.string())),
          render: v.optional(v.string()),
        }),
        validations: v.optional(v.strictObject({ required: v.boolean() })),
      }),
    ]),
  ),
})

test('the form for a fault asks for what its cause is found by', () => {
  const { body } = v.parse(formSchema, parse(readFileSync('.github/ISSUE_TEMPLATE/fault.yml', 'utf8')))
  const fields = body.flatMap((each) => (each.type === 'markdown' ? [] : [each]))
  const required = fields.filter(({ validations }) => validations?.required).map(({ id }) => id)
  expect(required).toEqual(['what', 'correlation-id', 'way-in', 'cloud', 'micetro', 'build'])
  expect(fields.find(({ id }) => id === 'cloud')?.attributes.options).toEqual([...cloudNames])
})
