import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { readCredential } from '../entra/credential.ts'
import type { VersionedCredential } from '../entra/credentialSource.ts'
import { AppError } from '../failure.ts'
import type { Secret } from '../secret.ts'

/** Stands for the version of what is not saved. */
export const candidateVersion = 'candidate'

/**
 * The credential of a candidate: the one that came with it, or the one that is there already. It goes through no cache:
 * running sign-ins keep theirs.
 * @throws AppError secret_missing, secret_invalid, credential_unusable, vault_*
 */
export async function credentialOf(
  engine: Engine,
  candidate: InForce,
  sent: Secret | undefined,
  expiresOn?: Date,
): Promise<VersionedCredential> {
  const { credentialKind } = candidate.configuration
  if (sent === undefined || credentialKind === 'managed-identity') return engine.credentials.load(candidate)
  const stored = { value: sent, version: candidateVersion, contentType: undefined, expiresOn }
  try {
    const { secrets } = engine.settings
    return { credential: await readCredential(credentialKind, secrets.credential, stored), version: candidateVersion }
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== 'secret_invalid') throw error
    // It is in no vault: whoever sent it looks at what was sent, not for a secret of that name.
    const what =
      credentialKind === 'certificate' ? 'the certificate that was pasted' : 'the client secret that was entered'
    throw new AppError({ code: 'credential_unusable', what, problem: error.failure.problem }, { cause: error })
  }
}

/** What a sign-in or dry run goes by. */
export interface Subject {
  inForce: InForce
  /** Of a candidate; what is in force has its own source, which can renew it. */
  credential: (() => Promise<VersionedCredential>) | undefined
}

/** A parked candidate, as if it were saved. @throws AppError candidate_gone, config_invalid, vault_* */
export async function parkedSubject(engine: Engine, version: string): Promise<Subject> {
  const { configuration, credential } = await engine.parking.read(version)
  const inForce = await engine.asIfSaved(configuration, candidateVersion)
  return { inForce, credential: () => credentialOf(engine, inForce, credential) }
}
