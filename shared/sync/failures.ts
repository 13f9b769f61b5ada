import { tryAgain, type Words } from '../failure.ts'

/** Why a person gets no account. */
interface AccountFailures {
  name_collision: { name: string; authenticationType: string }
  /** `tenant`: the person is not of the home tenant, so the name counts for nothing. */
  external_id_conflict: { name: string; tenant?: 'another' }
  external_id_ambiguous: { names: readonly string[] }
  no_group: { name: string }
  /** `because`: what kept the groups from being read. */
  groups_unread: { because: string }
}

declare module '../failure.ts' {
  interface Failures extends AccountFailures {}
}

export const accountWords: Words<keyof AccountFailures> = {
  name_collision: (failure) => ({
    status: 409,
    user: 'Micetro has an account with your sign-in name that is not for sign-in with Entra ID. Please tell your Micetro administrator.',
    admin:
      `Account "${failure.name}" has the authentication type ${failure.authenticationType}, not External, and is never taken over. ` +
      'Rename or remove that account, or let the person sign in with it.',
  }),
  external_id_conflict: (failure) => ({
    status: 409,
    user: 'Your sign-in name belongs to another person in Micetro. Please tell your Micetro administrator.',
    admin:
      failure.tenant === undefined
        ? `The External account "${failure.name}" has another external id: the name was used by somebody else, or the app registration ` +
          'changed. Remove the old account, or switch on Match accounts by name (match_by_name) for the time of a change-over.'
        : `"${failure.name}" signs in from another tenant than the home tenant and is matched by the external id alone, which the ` +
          'account of that name does not have or this Micetro does not show. Remove or rename that account, or enter the home tenant (home_tenant).',
  }),
  external_id_ambiguous: (failure) => ({
    status: 409,
    user: 'Your Micetro account is not unique. Please tell your Micetro administrator.',
    admin: `Several External accounts have the same external id: ${failure.names.join(', ')}. Keep one.`,
  }),
  no_group: (failure) => ({
    status: 403,
    user: 'You are in no group that may use Micetro. Please ask your Micetro administrator for access.',
    admin:
      `None of the groups of "${failure.name}" lets the person into a Micetro group, and an account is made only for people who join ` +
      'one (groups.required). Add the person to a group, or the group to Micetro or to the table of groups (groups.map).',
  }),
  groups_unread: (failure) => ({
    status: 503,
    user: `Your groups could not be read. ${tryAgain}`,
    admin:
      `The groups could not be read (${failure.because}), and an account is made only for people who join a Micetro group (groups.required). ` +
      'The line groups_unread or group_names_unknown before this one has the reason.',
  }),
}
