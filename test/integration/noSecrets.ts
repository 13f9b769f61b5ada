import { expect } from 'vitest'
import { recordSecret, used } from '../noSecrets/record.ts'
import type { Stage } from './stage.ts'

/** No secret that was used is in what the application printed, at the most talkative log level. */
export function expectNoSecrets(stage: Stage): void {
  const output = stage.output()
  expect(output).toContain('"event":')
  expect(used.size).toBeGreaterThan(10)
  expect([...used].filter((value) => output.includes(value))).toEqual([])
  // ID tokens and sealed attempts begin like any JWT or JWE.
  expect(output).not.toMatch(/eyJ[\w-]{10,}\.[\w-]*\./)
}

/** Remembers a value that the simulators do not see. */
export const mustNotBePrinted = recordSecret
