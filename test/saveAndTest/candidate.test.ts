import { describe, expect, it } from 'vitest'
import { readSaveRequest } from '../../shared/saveAndTest/candidate.ts'
import { failureIn } from '../failing.ts'

const nested = (depth: number): string => `{"save":false,"configuration":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`

describe('What is sent to Save and Test', () => {
  const refused: [what: string, body: string, problems: string[]][] = [
    ['no JSON', '{', ['the body is not JSON']],
    ['nested without end', nested(20_000), ['the body is nested too deeply']],
    [
      'a key that reaches into every object',
      '{"save":false,"configuration":{"__proto__":{"enabled":true},"constructor":{}}}',
      ['configuration.__proto__: unknown key', 'configuration.constructor: unknown key'],
    ],
    [
      'a key of its own beside the known ones',
      '{"save":false,"configuration":{},"force":true}',
      ['force: unknown key'],
    ],
  ]
  it.each(refused)('must not be %s', async (_what, body, problems) => {
    expect(await failureIn(() => readSaveRequest(body))).toEqual({ code: 'candidate_invalid', problems })
  })

  it('has twenty of its faults told, however many it has', async () => {
    const map = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 'x']))
    const failure = await failureIn(() =>
      readSaveRequest(JSON.stringify({ save: false, configuration: { groups: { map } } })),
    )
    expect(failure).toMatchObject({ problems: expect.arrayContaining([expect.stringMatching(/^and \d+ more$/)]) })
    expect(failure?.code === 'candidate_invalid' && failure.problems.length).toBe(21)
  })
})
