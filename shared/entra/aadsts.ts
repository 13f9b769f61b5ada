import { type Explanation, notSetUp } from '../failure.ts'

/**
 * Known error numbers of Entra ID, for help texts only: Microsoft asks programs not to branch on them, so our logic
 * branches on the OAuth error. Source: Microsoft's page "Entra authentication and authorization error codes".
 */
interface Row extends Explanation {
  codes: readonly number[]
  /** Another account of the same person may be the right one. */
  otherAccount?: true
}

/** The person pressed Cancel, at the sign-in or at the question for consent. */
export const declined = 65004

const ask = 'Please tell your Micetro administrator.'

const rows: readonly Row[] = [
  {
    codes: [7000215, 70002],
    status: 500,
    user: notSetUp,
    admin:
      'The client secret is wrong. Store the secret value, not its id, and check that it belongs to this client id.',
  },
  {
    codes: [7000222],
    status: 500,
    user: notSetUp,
    admin: 'The client secret has expired. Make a new one and save it at /config.',
  },
  {
    codes: [7000218],
    status: 500,
    user: notSetUp,
    admin: 'Entra ID got no credential. Configure one, and register the redirect URI under the platform "Web".',
  },
  {
    codes: [700025],
    status: 500,
    user: notSetUp,
    admin:
      'The app registration is a public client. Switch "Allow public client flows" off and register the redirect URI under "Web".',
  },
  {
    codes: [700016, 700011],
    status: 500,
    user: notSetUp,
    admin:
      'The client id is unknown in this tenant. Check client id, tenant id and cloud; consent once so that the enterprise application exists.',
  },
  {
    codes: [70001, 7000112],
    status: 500,
    user: notSetUp,
    admin: 'The enterprise application is disabled. Enable it for users to sign in.',
  },
  {
    codes: [90002],
    status: 500,
    user: notSetUp,
    admin: 'The tenant was not found. Check the tenant id and the cloud.',
  },
  {
    codes: [90038, 900382, 900432],
    status: 500,
    user: notSetUp,
    admin:
      'The tenant lives in another national cloud. Choose the right cloud; every cloud needs its own app registration.',
  },
  {
    codes: [50059, 90019],
    status: 500,
    user: notSetUp,
    admin: 'No tenant was named. Put the tenant id into the configuration.',
  },
  {
    codes: [50194, 9001023, 90124, 90130],
    status: 500,
    user: notSetUp,
    admin: 'The app registration is single-tenant. Put the tenant id into the configuration instead of common.',
  },
  {
    codes: [50011, 70004],
    status: 500,
    user: notSetUp,
    admin:
      'The redirect URI is not registered. Copy it from the configuration, letter by letter, to the platform "Web" of the app registration.',
  },
  {
    codes: [900971, 500113],
    status: 500,
    user: notSetUp,
    admin: 'The app registration has no redirect URI. Add it under the platform "Web".',
  },
  {
    codes: [70011, 28002, 28003],
    status: 500,
    user: notSetUp,
    admin: 'A scope is not valid. Check the scopes, and that the Graph endpoint belongs to the cloud.',
  },
  {
    codes: [700022],
    status: 500,
    user: notSetUp,
    admin: 'The scopes belong to more than one resource. Ask for Microsoft Graph only.',
  },
  {
    codes: [500011],
    status: 500,
    user: notSetUp,
    admin: 'The Graph endpoint is unknown in this tenant. Choose the one of this cloud.',
  },
  {
    codes: [650056, 650057],
    status: 500,
    user: notSetUp,
    admin:
      'A permission is missing in the app registration. Add User.Read and GroupMember.Read.All (delegated) and grant admin consent.',
  },
  {
    codes: [65001, 90094, 90095],
    status: 403,
    user: `This application still needs to be approved by your organisation. ${ask}`,
    admin: 'Consent is missing. Grant admin consent for User.Read and GroupMember.Read.All (delegated).',
  },
  {
    codes: [declined],
    status: 403,
    user: 'The sign-in was cancelled. Please start the sign-in again.',
    admin: 'The user pressed Cancel, or declined consent. Granting admin consent avoids that question.',
  },
  {
    codes: [50105],
    otherAccount: true,
    status: 403,
    user: `Your account is not assigned to Micetro. ${ask}`,
    admin: 'Assign the user or one of the groups to the enterprise application, or switch "Assignment required" off.',
  },
  {
    codes: [50020, 16000],
    otherAccount: true,
    status: 403,
    user: 'This account belongs to another organisation. Sign in with the account that your administrator gave you.',
    admin: 'Invite the user as a guest, or have the right account used.',
  },
  {
    codes: [50034, 51004, 16003, 50014],
    otherAccount: true,
    status: 403,
    user: `This account is not known in the organisation's directory. ${ask}`,
    admin: 'Check the account, invite the user, or have a pending invitation accepted.',
  },
  {
    codes: [500208],
    otherAccount: true,
    status: 403,
    user: 'A personal Microsoft account cannot be used here. Sign in with your work account.',
    admin: 'Personal accounts are not accepted by this application.',
  },
  { codes: [50057], status: 403, user: `Your account is disabled. ${ask}`, admin: 'Enable the user in Entra ID.' },
  {
    codes: [50055, 50144, 50126, 50053],
    status: 403,
    user: 'Your password is wrong or expired, or your account is locked. Put that right with Microsoft and sign in again.',
    admin: 'See the sign-in log of Entra ID: wrong or expired password, or a locked account.',
  },
  {
    codes: [50058, 50074, 50076, 50079, 50072, 50158],
    status: 403,
    user: 'Microsoft asks for another step, such as a second factor. Please start the sign-in again and complete it.',
    admin: 'Interaction is needed: multifactor authentication, its registration, or a new session.',
  },
  {
    codes: [53000, 53001],
    status: 403,
    user: `Your organisation allows the sign-in from managed devices only. ${ask}`,
    admin: 'Conditional Access wants a compliant or joined device.',
  },
  {
    codes: [53003, 50131, 530032, 530035],
    status: 403,
    user: `A rule of your organisation blocks this sign-in. ${ask}`,
    admin: 'Blocked by Conditional Access or security defaults: see the tab Conditional Access in the sign-in log.',
  },
  {
    codes: [500021, 500022, 500212, 500213],
    status: 403,
    user: `A rule of your network or organisation blocks this sign-in. ${ask}`,
    admin: 'Tenant restrictions or a cross-tenant access policy block it. Allow the tenant there.',
  },
  {
    // The last one is the answer to a code that is none.
    codes: [54005, 70008, 70000, 9002313],
    status: 400,
    user: 'This sign-in has expired or was already used. Please start the sign-in again.',
    admin:
      'The authorization code was used twice, came too late or is none: reload, back button, or a clock that is wrong.',
  },
  {
    codes: [700005],
    status: 500,
    user: notSetUp,
    admin: 'The authorization code belongs to another tenant. Use one tenant id for the whole configuration.',
  },
  {
    codes: [501481, 50147, 501491],
    status: 400,
    user: 'This sign-in does not fit the one that was begun. Please start the sign-in again.',
    admin: 'The PKCE verifier does not match: another attempt answered. More than once: treat it as an attack.',
  },
  {
    codes: [700027],
    status: 500,
    user: notSetUp,
    admin: 'The certificate is not, or no longer, registered. Upload its public part to the app registration.',
  },
  {
    codes: [50012, 50013, 500133, 50048],
    status: 500,
    user: notSetUp,
    admin: 'The client assertion is not valid. Check the clock of the function host, and the certificate.',
  },
  {
    codes: [70021, 700211, 700212, 700213, 7002137, 7002138],
    status: 500,
    user: notSetUp,
    admin:
      'No federated credential matches. Compare issuer, subject (the object id of the managed identity, same case) and audience; ' +
      'a new one takes some minutes.',
  },
  {
    codes: [700229],
    status: 500,
    user: notSetUp,
    admin: 'Only the managed identity may sign as federated credential, not a user.',
  },
  {
    codes: [50196],
    status: 503,
    user: 'Too many sign-ins in a short time. Wait some minutes, then start again.',
    admin: 'Entra ID saw a loop of sign-ins from this browser. Look at what sends the user back to /login.',
  },
  {
    codes: [90055, 90024, 90033, 50033],
    status: 503,
    user: 'Microsoft Entra ID is busy. Please try again in a minute.',
    admin: 'A passing fault at Entra ID.',
  },
  {
    codes: [90023, 900144],
    status: 500,
    user: notSetUp,
    admin: 'Entra ID calls the request malformed. Check tenant id, client id and scopes for stray characters.',
  },
]

const byCode = new Map(rows.flatMap((row) => row.codes.map((code) => [code, row] as const)))

/** Every number that has an advice of its own. */
export const knownAadsts: readonly number[] = [...byCode.keys()]

/** By OAuth error (RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6), where the number says nothing to us. */
const byError: Record<string, Explanation> = {
  access_denied: {
    status: 403,
    user: `Microsoft Entra ID denied the sign-in. Start again, or ask your Micetro administrator.`,
    admin: 'The user cancelled, or is not allowed to use the application: see the sign-in log of Entra ID.',
  },
  invalid_client: {
    status: 500,
    user: notSetUp,
    admin: 'Entra ID refused the client credential. Check client id and credential at /config.',
  },
  invalid_grant: {
    status: 400,
    user: 'This sign-in has expired or was already used. Please start the sign-in again.',
    admin: 'The authorization code was refused: used twice, too late, or of another client.',
  },
  interaction_required: {
    status: 403,
    user: 'Microsoft asks for another step, such as a second factor. Please start the sign-in again and complete it.',
    admin: 'Interaction is needed and one fresh start did not settle it: see the sign-in log of Entra ID.',
  },
  temporarily_unavailable: {
    status: 503,
    user: 'Microsoft Entra ID is busy. Please try again in a minute.',
    admin: 'A passing fault at Entra ID.',
  },
  server_error: {
    status: 502,
    user: 'Microsoft Entra ID had a fault. Please try again in a minute.',
    admin: 'A fault at Entra ID; see its service health.',
  },
}

/** The explanation of a refusal; the number, where there is one, is named to the administrator. */
export function adviceFor(error: string, aadsts: number | undefined): Explanation {
  const row = (aadsts === undefined ? undefined : byCode.get(aadsts)) ??
    (Object.hasOwn(byError, error) ? byError[error] : undefined) ?? {
      status: 502,
      user: `Microsoft Entra ID refused the sign-in. ${ask}`,
      admin: 'See the sign-in log of Entra ID.',
    }
  return { status: row.status, user: row.user, admin: `${nameOf(error, aadsts)}: ${row.admin}` }
}

/** True when the account is the trouble, so that another one of the person may do. */
export function needsOtherAccount(aadsts: number | undefined): boolean {
  return aadsts !== undefined && byCode.get(aadsts)?.otherAccount === true
}

/** The number, where there is one, and the OAuth error. */
export function nameOf(error: string, aadsts: number | undefined): string {
  return aadsts === undefined ? error : `AADSTS${aadsts} (${error})`
}

/** The verifier does not fit the challenge: the code belongs to another attempt than the one that it came with. */
export const pkceMismatch = 501481

/**
 * The number in an error description of the authorize endpoint, where it is the only place that has it.
 * @returns undefined when the text does not begin with one
 */
export function aadstsIn(description: string): number | undefined {
  const match = /^AADSTS(\d{4,9})\b/.exec(description.trimStart())
  return match?.[1] === undefined ? undefined : Number(match[1])
}
