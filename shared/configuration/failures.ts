import { notSetUp, tryAgain, type Words } from '../failure.ts'

/** What can go wrong with settings, the saved configuration, and the vault that holds it. */
interface ConfigurationFailures {
  config_invalid: { problems: readonly string[] }
  sign_in_disabled: Record<never, never>
  candidate_invalid: { problems: readonly string[] }
  credential_unusable: { what: string; problem: string }
  candidate_gone: Record<never, never>
  save_conflict: { version: string }
  vault_unreachable: { reason: string }
  vault_forbidden: { secret: string; reason: string; action: 'read' | 'write' }
  vault_throttled: Record<never, never>
  secret_missing: { secret: string }
  secret_invalid: { secret: string; problem: string }
  identity_unavailable: { reason: string }
}

declare module '../failure.ts' {
  interface Failures extends ConfigurationFailures {}
}

/** Problems that are told at once at the most, and how long each may be, in characters: the sender chooses both. */
const mostProblems = 20
const longestProblem = 200

/** The problems as they may be told: whoever sent ten thousand knows after twenty. */
export function tellable(problems: readonly string[]): string[] {
  const told = problems
    .slice(0, mostProblems)
    .map((each) => (each.length > longestProblem ? `…${each.slice(-longestProblem)}` : each))
  return problems.length > told.length ? [...told, `and ${problems.length - told.length} more`] : told
}

export const configurationWords: Words<keyof ConfigurationFailures> = {
  config_invalid: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: `The configuration is not valid: ${failure.problems.join('; ')}.`,
  }),
  sign_in_disabled: () => ({
    status: 403,
    user: 'Sign-in with Entra ID is switched off. Please sign in with your Micetro user name.',
    admin: 'The saved configuration has "enabled": false. Switch it on at /config.',
  }),
  candidate_invalid: (failure) => ({
    status: 400,
    user: 'The configuration that was sent is not valid; nothing was changed.',
    admin: `${failure.problems.join('; ')}.`,
  }),
  credential_unusable: (failure) => ({
    status: 400,
    user: 'The client credential that was sent cannot be used; nothing was changed.',
    admin: `Look at ${failure.what}: ${failure.problem}.`,
  }),
  candidate_gone: () => ({
    status: 400,
    user: 'This Test sign-in is over. Please start it again on the configuration page.',
    admin:
      'The configuration that was being tried is kept for one Test sign-in and for 15 minutes at most, and a newer Test ' +
      'sign-in ends an older one. Start Test sign-in again.',
  }),
  save_conflict: (failure) => ({
    status: 409,
    user: 'Somebody else saved the configuration meanwhile; nothing was changed.',
    admin: `Version ${failure.version} is the newest now. Load it, look at the difference, and save again.`,
  }),
  vault_unreachable: (failure) => ({
    status: 503,
    user: `A needed service cannot be reached right now. ${tryAgain}`,
    admin: `Key Vault did not answer (${failure.reason}). Check KEY_VAULT_URL, its DNS name and private endpoint.`,
  }),
  vault_forbidden: (failure) => ({
    status: 500,
    user: notSetUp,
    admin:
      `Key Vault refused to ${failure.action} secret "${failure.secret}" (${failure.reason}). Give the function's managed identity ` +
      (failure.action === 'read'
        ? 'the role Key Vault Secrets User on it, and check the vault firewall.'
        : 'the right to set it (Key Vault Secrets Officer, or the narrower role of the deployment); one that was deleted must be recovered first.'),
  }),
  vault_throttled: () => ({
    status: 503,
    user: `A needed service is busy. ${tryAgain}`,
    admin: 'Key Vault is throttling (429). Look for another application that reads the same vault very often.',
  }),
  secret_missing: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: `Secret "${failure.secret}" is missing or deleted. Set it in Key Vault (in local development: its setting), or use Save and Test.`,
  }),
  secret_invalid: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: `Secret "${failure.secret}" cannot be used: ${failure.problem}.`,
  }),
  identity_unavailable: (failure) => ({
    status: 500,
    user: notSetUp,
    admin:
      `The managed identity gave no token (${failure.reason}). Assign the user-assigned identity to the function app ` +
      'and set AZURE_CLIENT_ID to its client id.',
  }),
}
