import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import {
  resolveConfiguration,
  type SavedConfiguration,
  settingsLayer,
} from '../../shared/configuration/entraConfiguration.ts'
import { createEngine, type Engine } from '../../shared/engine.ts'
import type { LogEntry } from '../../shared/log.ts'
import { type Limits, reconcile } from '../../shared/reconcile/reconcile.ts'
import type { Mode, ReconcileReport, ReportedAccount } from '../../shared/reconcile/report.ts'
import { createGroup, createUser, type DirectoryUser } from '../simulators/directory.ts'
import { startWorld, type World } from '../simulators/world.ts'

/** The engine in this process, among simulated peers that it reaches over TLS. */
export interface ReconcileStage {
  world: World
  /** Lines of the runs so far. */
  lines: (LogEntry & { level: string })[]
  /** Waits of the runs so far, in milliseconds; no test waits. */
  waits: number[]
  /** What the configuration says; `mode` is `enforce` unless a test says otherwise. */
  configured: SavedConfiguration
  run(mode?: Mode, limits?: Limits): Promise<ReconcileReport>
  engine(): Engine
  /** Makes somebody in Entra ID, with groups by name. */
  person(key: string, groups?: readonly string[], changes?: Partial<DirectoryUser>): DirectoryUser
  /** Makes an External account at Micetro that is in the groups; the description carries the object id. */
  account(
    person: Pick<DirectoryUser, 'oid' | 'preferredUsername'>,
    groups: readonly string[],
    changes?: AccountChanges,
  ): string
  /** Everything as it was at first, but for the engine's caches. */
  reset(): void
  /** Memberships but the built-in one of everybody. */
  groupsOf(name: string): string[]
  close(): Promise<void>
}

export interface AccountChanges {
  name?: string
  description?: string
  authenticationType?: 'External' | 'Internal' | 'AD'
}

export async function startReconcileStage(): Promise<ReconcileStage> {
  const world = await startWorld({ port: 7071 })
  const { settings } = { settings: world.settings(7071) }
  // Trusted at start by NODE_EXTRA_CA_CERTS where the application has a process of its own.
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(settings.NODE_EXTRA_CA_CERTS ?? '', 'utf8')])
  const { KEY_VAULT_URL: _, ...others } = settings
  const base = createEngine({
    ...others,
    ENTRA_CLIENT_CREDENTIAL: world.secrets.clientSecret,
    MICETRO_API_PASSWORD: world.secrets.micetroPassword,
    SIGN_IN_KEY: world.secrets.signInKey,
  })
  const { directory, micetro, graph, entra } = world
  const seeded = { users: [...directory.users], roles: ['User.Read.All', 'GroupMember.Read.All'] }
  const { store } = micetro
  // By the name of a group of Entra ID that is no security group.
  store.addGroup({ name: 'Lunch Club' })

  const groupNamed = (name: string) => {
    const found = directory.groups.find(({ displayName }) => displayName === name) ?? createGroup(directory.home, name)
    if (!directory.groups.includes(found)) directory.groups.push(found)
    return found
  }

  const stage: ReconcileStage = {
    world,
    lines: [],
    waits: [],
    configured: {},
    engine() {
      const layers = [{ source: 'saved' as const, values: stage.configured }, settingsLayer(base.settings)]
      const resolved = {
        ...resolveConfiguration(layers, base.settings.customCloud),
        version: undefined,
        fileCredential: undefined,
      }
      // What an administrator saved is in force at once.
      const clock = { now: base.clock.now, wait: async (milliseconds: number) => void stage.waits.push(milliseconds) }
      return Object.assign(Object.create(base) as Engine, { clock, inForce: { get: async () => resolved } })
    },
    run(mode, limits) {
      const line = (level: string) => (entry: LogEntry) => void stage.lines.push({ level, ...entry })
      const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
      return reconcile(stage.engine(), mode, log, new AbortController().signal, limits)
    },
    person(key, groups = [], changes = {}) {
      const person = createUser(directory.home, key, key, {
        groups: groups.map(groupNamed),
        ...changes,
      })
      directory.users.push(person)
      return person
    },
    account(person, groups, changes = {}) {
      const {
        name = person.preferredUsername,
        description = `Entra ID ${person.oid}`,
        authenticationType = 'External',
      } = changes
      store.addUser({ name, description, authenticationType })
      store.setMemberships(name, groups)
      return name
    },
    reset() {
      for (const server of [entra, graph, ...micetro.nodes]) server.behave()
      for (const server of [entra, graph]) server.requests.length = 0
      for (const user of [...store.users.values()])
        if (user.authenticationType === 'External') store.removeUser(user.ref)
      store.audit.length = 0
      directory.users = [...seeded.users]
      directory.deletedUsers = []
      directory.app.grantedRoles = [...seeded.roles]
      stage.lines.length = 0
      stage.waits.length = 0
      stage.configured = { between_sign_ins: { mode: 'enforce' } }
      base.micetro().groups.drop()
    },
    groupsOf: (name) => store.memberships(name).filter((group) => !group.startsWith('All users')),
    close: () => world.close(),
  }
  stage.reset()
  return stage
}

/** The entry of an account in a report. */
export function entryOf(report: ReconcileReport, name: string): ReportedAccount | undefined {
  return report.accounts.find((account) => account.name === name)
}
