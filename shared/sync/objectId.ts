import { isGuid } from '../configuration/entraConfiguration.ts'
import type { Identity } from './identity.ts'

/** The description of an account that a first sign-in makes: it finds the person again when no sign-in comes. */
export function describedAs({ objectId }: Pick<Identity, 'objectId'>): string | undefined {
  return objectId !== undefined && isGuid(objectId) ? `Entra ID ${objectId}` : undefined
}

/**
 * The object ids that a description carries, in lower case, each once. Administrators may have written around it, and
 * what is no GUID is no id.
 */
export function objectIdsIn(description: string): string[] {
  const found = [...description.matchAll(/(?<![\w-])Entra ID ([\w-]+)/gi)].map(([, id = '']) => id.toLowerCase())
  return [...new Set(found.filter(isGuid))]
}
