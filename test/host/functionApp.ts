import { globSync, readFileSync } from 'node:fs'
import Module from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Callback,
  httpData,
  invoke,
  type LogLine,
  type Metadata,
  type ProgrammingModel,
  type Registered,
  type RpcRequest,
  type RpcResponse,
  timerData,
} from './invocation.ts'
import { compileRoute, type RouteMatch } from './route.ts'

/** One function with an HTTP trigger. */
export interface HttpFunction {
  name: string
  /** Without a leading slash. */
  route: string
  match: RouteMatch
  methods: readonly string[]
  authLevel: string
  invoke(request: RpcRequest): Promise<RpcResponse | undefined>
}

/** One function with a timer. */
export interface TimerFunction {
  name: string
  /** NCRONTAB. */
  schedule: string
  fire(): Promise<void>
}

export interface FunctionApp {
  /** In the order in which the host tries their routes: by name. */
  http: readonly HttpFunction[]
  timers: readonly TimerFunction[]
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Loads a function app as the Functions worker does: the files that `main` of its package.json names, with the module
 * `@azure/functions-core` provided to `require` before the first of them. Functions that a setting switches off, or
 * whose schedule names a setting that is not there, are left out.
 * @param root folder of package.json and host.json
 */
export async function loadFunctionApp(
  root: string,
  log: LogLine,
  environment: Environment = process.env,
): Promise<FunctionApp> {
  const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
  const { extensions } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as {
    extensions?: { http?: { routePrefix?: string } }
  }
  const prefix = extensions?.http?.routePrefix ?? 'api'
  const http: HttpFunction[] = []
  const timers: TimerFunction[] = []
  for (const registered of await register(root, main, log)) {
    const { metadata, trigger } = registered
    const { name } = metadata
    const binding = metadata.bindings[trigger]
    if (binding === undefined || isDisabled(name, environment)) continue
    if (binding.type === 'httpTrigger') {
      const route = [prefix, binding.route || name].filter((part) => part !== '').join('/')
      if (/^(admin|runtime)/i.test(route)) throw new Error(`the route of ${name} conflicts with a built-in route`)
      http.push({
        name,
        route,
        match: compileRoute(route),
        methods: (binding.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
        authLevel: binding.authLevel ?? 'anonymous',
        invoke: (request) => invoke(registered, httpData(request)),
      })
    } else {
      const schedule = resolveSettings(binding.schedule ?? '', environment)
      if (schedule === undefined) {
        log(
          'error',
          'Host.Startup',
          `The '${name}' function is in error: ${binding.schedule} does not resolve to a value.`,
        )
        continue
      }
      timers.push({ name, schedule, fire: async () => void (await invoke(registered, timerData)) })
    }
  }
  return { http: http.sort((a, b) => (a.name < b.name ? -1 : 1)), timers }
}

const isDisabled = (name: string, environment: Environment): boolean =>
  /^(true|1)$/i.test(environment[`AzureWebJobs.${name}.Disabled`] ?? '')

/** Puts settings in the place of their names between percent signs; undefined when one is not there. */
function resolveSettings(text: string, environment: Environment): string | undefined {
  let complete = true
  const resolved = text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name]
    if (value === undefined) complete = false
    return value ?? ''
  })
  return complete ? resolved : undefined
}

/** Runs the files of an app and gathers the functions with an HTTP trigger or a timer that they register. */
async function register(root: string, main: string, log: LogLine): Promise<Registered[]> {
  const registered: { metadata: Metadata; handler: Callback }[] = []
  const starting: ((context: object) => unknown)[] = []
  let model: ProgrammingModel | undefined
  const disposable = { dispose: () => undefined }

  provideCoreModule({
    version: '0.0.0-light',
    hostVersion: '4.0.0-light',
    Disposable: class {
      dispose(): void {}
    },
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given
    },
    getProgrammingModel: () => model,
    registerFunction: (metadata: Metadata, handler: Callback) => {
      registered.push({ metadata, handler })
      return disposable
    },
    registerHook: (name: string, hook: (context: object) => unknown) => {
      if (name === 'appStart') starting.push(hook)
      return disposable
    },
    log,
  })
  const files = globSync(main, { cwd: root }).sort()
  if (files.length === 0) throw new Error(`no file matches "${main}" of package.json`)
  for (const file of files) await import(pathToFileURL(join(root, file)).href)
  if (model === undefined) throw new Error('no function was registered')
  const loaded = model
  await loaded.getCapabilities({})
  for (const hook of starting) await hook({ hookData: {}, appHookData: {}, functionAppDirectory: root })
  return registered.flatMap(({ metadata, handler }) => {
    const [trigger] =
      Object.entries(metadata.bindings).find(([, { type }]) => type === 'httpTrigger' || type === 'timerTrigger') ?? []
    return trigger === undefined ? [] : [{ model: loaded, metadata, handler, trigger, log }]
  })
}

/** The worker intercepts `require`; nothing else can provide the module. */
function provideCoreModule(core: object): void {
  const prototype = Module.prototype as { require: (this: unknown, id: string) => unknown }
  const original = prototype.require
  prototype.require = function require(id) {
    return id === '@azure/functions-core' ? core : original.call(this, id)
  }
}
