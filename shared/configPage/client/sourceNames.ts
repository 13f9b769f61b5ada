import type { Source } from '../../configuration/entraConfiguration.ts'

/** How the page says where a value comes from. */
export const sourceNames: Record<Source, string> = {
  saved: 'saved',
  file: 'from ext_auth_conf.json',
  setting: 'from app settings',
  default: 'default',
}

/** @returns undefined for a key that has no source */
export function sourceName(sources: Readonly<Record<string, Source>>, key: string): string | undefined {
  const source = sources[key]
  return source === undefined ? undefined : sourceNames[source]
}
