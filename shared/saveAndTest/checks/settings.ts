import { isMultiTenant } from '../../configuration/clouds.ts'
import { type Check, passed, warning } from '../check.ts'

/** The app settings are complete; the candidate itself was read before any check ran. */
export const settingsCheck: Check = {
  name: 'settings',
  needs: [],
  timeout: 5000,
  async run({ engine, candidate: { configuration } }) {
    if (engine.settings.micetro === undefined) {
      return warning(
        'Sign-ins can start at Central only.',
        "For sign-ins at this application set MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL; for Central's own button nothing is missing.",
      )
    }
    if (configuration.matchByName) {
      return warning(
        'Complete, but match_by_name is set.',
        'Accounts are matched by name. Switch it off after the change-over.',
      )
    }
    if (isMultiTenant(configuration.tenantId)) {
      return passed(`Complete. ${configuration.allowedTenants.length} tenants may sign in.`)
    }
    return passed('Complete.')
  },
}
