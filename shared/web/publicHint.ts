import { explain } from '../catalogue.ts'
import type { SecretNames, SettingName } from '../configuration/settings.ts'
import type { Failure, FailureCode } from '../failure.ts'

/**
 * The hint, where it may be shown to anybody: it names settings, or repeats what Entra ID says of itself. Other hints
 * name hosts, accounts and secrets, and go to the log only.
 */
export function publicHint(failure: Failure): string | undefined {
  switch (failure.code) {
    case 'config_invalid':
      // The keys of the map are values.
      return explain({ ...failure, problems: failure.problems.map((each) => each.replace(/\bmap\.[^:]*/, 'map')) })
        .admin
    case 'entra_refused':
    case 'unverified_error':
      return explain(failure).admin
    default:
      return undefined
  }
}

/** A short reason that may be shown to anybody: a code or a number, never the name of a host. */
export function publicReason(failure: Failure): string | undefined {
  if ('reason' in failure) {
    const { reason } = failure
    return /^\w{2,60}$/.test(reason) ? reason : /\banswered \d{3}$|^no answer within \d+ ms$/.exec(reason)?.[0]
  }
  if ('status' in failure) return `answered ${failure.status}`
  return 'aadsts' in failure && failure.aadsts !== undefined ? `AADSTS${failure.aadsts}` : undefined
}

/** Settings to look at, by failure. Of a secret it is the setting that names it. */
const settings: Partial<Record<FailureCode, string>> = {
  vault_unreachable: 'KEY_VAULT_URL',
  identity_unavailable: 'AZURE_CLIENT_ID',
  micetro_unreachable: 'MICETRO_API_URLS',
  micetro_malformed: 'MICETRO_API_URLS',
  micetro_untrusted: 'MICETRO_CA_CERTIFICATES',
  micetro_credentials: 'MICETRO_API_USER and MICETRO_PASSWORD_SECRET',
}

/** @param names of the secrets in this installation */
export function settingsOf(failure: Failure, names: SecretNames): string | undefined {
  if (!('secret' in failure)) return settings[failure.code]
  const by: [SettingName, string][] = [
    ['ENTRA_CONFIG_SECRET', names.configuration],
    ['ENTRA_CREDENTIAL_SECRET', names.credential],
    ['SIGN_IN_KEY_SECRET', names.signInKey],
    ['MICETRO_PASSWORD_SECRET', names.micetroPassword],
    ['ENTRA_CANDIDATE_SECRET', names.candidate],
  ]
  return by.find(([, name]) => name === failure.secret)?.[0]
}
