import { describe, expect, it } from 'vitest'
import type { SavedConfiguration } from '../../../shared/configuration/entraConfiguration.ts'
import { settingsWarnings } from '../../../shared/saveAndTest/checks/settings.ts'
import { configurationOf, tenantId } from '../../configuration/sampleConfiguration.ts'

describe('Save and Test warns of what may harm', () => {
  const micetro = { apiUrls: [], apiUser: 'x', webUrl: new URL('https://micetro.test'), caCertificates: '' }
  const limited: SavedConfiguration = { groups: { claim: 'required' } }
  const partners = { tenant_id: 'common', allowed_tenants: [tenantId] }
  const namesDecide = /^All groups of a person decide, by name/
  const cases: [name: string, values: SavedConfiguration, warnings: RegExp[], withoutMicetro?: boolean][] = [
    ['nothing where a claim limits the names', limited, []],
    ['nothing where ids decide', { groups: { match: 'id' } }, []],
    ['names that decide without a limit', {}, [namesDecide]],
    ['names that decide for the home tenant', { ...partners, home_tenant: tenantId }, [namesDecide]],
    ['no home tenant, for then names count for nobody', partners, [/No tenant is the home tenant/]],
    ['match_by_name', { ...limited, match_by_name: true }, [/^Match accounts by name is on/]],
    ['a sign-in that is switched off', { ...limited, enabled: false }, [/switched off/]],
    ['sign-ins at Central only', limited, [/Central only/], true],
    [
      'a required group where a first sign-in cannot be told from a later one',
      { groups: { claim: 'required', required: true } },
      [/Central only/, /later sign-ins, too/],
      true,
    ],
    [
      'all of it at once',
      { enabled: false, match_by_name: true },
      [/switched off/, /^Match accounts by name/, namesDecide],
    ],
  ]
  for (const [name, values, warnings, withoutMicetro = false] of cases) {
    it(name, () => {
      const found = settingsWarnings(configurationOf(values), { micetro: withoutMicetro ? undefined : micetro })
      expect(found.map(([detail]) => detail)).toEqual(warnings.map((each) => expect.stringMatching(each)))
      for (const [, hint] of found) expect(hint).toMatch(/^[A-Z].*\.$/s)
      // Words of the page, not keys of the file.
      expect(found.flat().join(' ')).not.toMatch(/\b[a-z]+_[a-z]+|groups\./)
    })
  }

  it('and names both remedies against names that decide', () => {
    const [found] = settingsWarnings(configurationOf(), { micetro })
    expect(found?.[1]).toMatch(/assigned to the application.*claim.*P1.*direct members.*rename.*by object ID/)
  })
})
