import type { SecretStore, StoredSecret } from '../../shared/configuration/secretStore.ts'
import { Secret } from '../../shared/secret.ts'

/** A vault in memory that counts how often it is read. */
export interface MemoryVault extends SecretStore {
  /** Makes a new version of the secret. */
  put(name: string, value: string, version: string): void
  /** Name and, where one was asked for, version of each read; `name/versions` for a list. */
  reads: string[]
  /** Thrown by every read while it is set. */
  fault: Error | undefined
}

export function memoryVault(): MemoryVault {
  const versions = new Map<string, StoredSecret[]>()
  const vault: MemoryVault = {
    reads: [],
    fault: undefined,
    put(name, value, version) {
      const stored = { value: new Secret(value), version, contentType: undefined, expiresOn: undefined }
      versions.set(name, [stored, ...(versions.get(name) ?? [])])
    },
    async read(name, version) {
      vault.reads.push(version === undefined ? name : `${name}/${version}`)
      if (vault.fault !== undefined) throw vault.fault
      const all = versions.get(name) ?? []
      return version === undefined ? all[0] : all.find((each) => each.version === version)
    },
    async listVersions(name) {
      vault.reads.push(`${name}/versions`)
      if (vault.fault !== undefined) throw vault.fault
      return (versions.get(name) ?? []).map(({ version }) => ({ version, createdOn: undefined }))
    },
    write: () => Promise.reject(new TypeError('nothing is written here')),
    disable: () => Promise.reject(new TypeError('nothing is written here')),
  }
  return vault
}
