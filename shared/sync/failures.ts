import type { Words } from '../failure.ts'

/** Why a person gets no account of theirs. */
interface AccountFailures {
  name_collision: { name: string; authenticationType: string }
  external_id_conflict: { name: string }
  external_id_ambiguous: { names: readonly string[] }
}

declare module '../failure.ts' {
  interface Failures extends AccountFailures {}
}

export const accountWords: Words<keyof AccountFailures> = {
  name_collision: (failure) => ({
    status: 409,
    user: 'Your sign-in name belongs to another kind of Micetro account. Please tell your Micetro administrator.',
    admin:
      `Account "${failure.name}" has the authentication type ${failure.authenticationType}, not External, and is never taken over. ` +
      'Rename or remove that account, or let the person sign in with it.',
  }),
  external_id_conflict: (failure) => ({
    status: 409,
    user: 'Your sign-in name belongs to another person in Micetro. Please tell your Micetro administrator.',
    admin:
      `The External account "${failure.name}" has another external id: the name was used by somebody else, or the app registration ` +
      'changed. Remove the old account, or set match_by_name for the time of a change-over.',
  }),
  external_id_ambiguous: (failure) => ({
    status: 409,
    user: 'Your Micetro account is not unique. Please tell your Micetro administrator.',
    admin: `Several External accounts have the same external id: ${failure.names.join(', ')}. Keep one.`,
  }),
}
