import { randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import Module from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What `app.http` hands to the runtime, as far as this host needs it. */
interface Binding {
  type: string
  direction: string
  methods?: string[]
  authLevel?: string
  route?: string
}
interface Metadata {
  name: string
  bindings: Record<string, Binding>
}
type Callback = (...args: unknown[]) => unknown

interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>
  invokeFunction(context: object, inputs: unknown[], handler: Callback): Promise<unknown>
  getResponse(context: object, result: unknown): Promise<{ returnValue?: { http?: RpcResponse } | null }>
}
interface ProgrammingModel {
  getCapabilities(capabilities: object): Promise<object>
  getInvocationModel(core: object): InvocationModel
}

interface Nullable<T> {
  value?: T
}
export interface RpcCookie {
  name: string
  value: string
  domain?: Nullable<string>
  path?: Nullable<string>
  expires?: Nullable<unknown>
  secure?: Nullable<boolean>
  httpOnly?: Nullable<boolean>
  maxAge?: Nullable<number>
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone'
}
export interface RpcResponse {
  statusCode?: string
  headers?: Record<string, string>
  cookies?: RpcCookie[]
  body?: { bytes?: Uint8Array; string?: string }
}
export interface RpcRequest {
  method: string
  url: string
  headers: Record<string, string>
  query: Record<string, string>
  body: Uint8Array | undefined
}

export type LogLine = (level: string, category: string, message: string) => void

/** One function with an HTTP trigger. */
export interface HttpFunction {
  name: string
  /** Without a leading slash, in lower case: the host ignores case in routes. */
  route: string
  methods: readonly string[]
  authLevel: string
  invoke(request: RpcRequest): Promise<RpcResponse | undefined>
}

/**
 * Loads a function app as the Functions worker does: the files that `main` of its package.json names, with the module
 * `@azure/functions-core` provided to `require` before the first of them.
 * @param root folder of package.json and host.json
 * @returns its HTTP functions in the order in which the host tries their routes: by name
 */
export async function loadFunctionApp(root: string, log: LogLine): Promise<HttpFunction[]> {
  const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
  const { extensions } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as {
    extensions?: { http?: { routePrefix?: string } }
  }
  const prefix = extensions?.http?.routePrefix ?? 'api'
  const registered: { metadata: Metadata; handler: Callback }[] = []
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
    registerHook: () => disposable,
    log,
  })
  const files = globSync(main, { cwd: root }).sort()
  if (files.length === 0) throw new Error(`no file matches "${main}" of package.json`)
  for (const file of files) await import(pathToFileURL(join(root, file)).href)
  if (model === undefined) throw new Error('no function was registered')
  const loaded = model
  await loaded.getCapabilities({})

  return registered
    .flatMap(({ metadata, handler }): HttpFunction[] => {
      const entry = Object.entries(metadata.bindings).find(([, binding]) => binding.type === 'httpTrigger')
      if (entry === undefined) return []
      const [bindingName, binding] = entry
      const route = [prefix, binding.route ?? metadata.name]
        .filter((part) => part !== '')
        .join('/')
        .toLowerCase()
      if (/^(admin|runtime)/.test(route))
        throw new Error(`the route of ${metadata.name} conflicts with a built-in route`)
      return [
        {
          name: metadata.name,
          route,
          methods: (binding.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
          authLevel: binding.authLevel ?? 'anonymous',
          invoke: (request) => invoke(loaded, metadata, handler, bindingName, request, log),
        },
      ]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The worker intercepts `require`; nothing else can provide the module. */
function provideCoreModule(core: object): void {
  const prototype = Module.prototype as { require: (this: unknown, id: string) => unknown }
  const original = prototype.require
  prototype.require = function require(id) {
    return id === '@azure/functions-core' ? core : original.call(this, id)
  }
}

async function invoke(
  model: ProgrammingModel,
  metadata: Metadata,
  handler: Callback,
  bindingName: string,
  request: RpcRequest,
  log: LogLine,
): Promise<RpcResponse | undefined> {
  const invocationId = randomUUID()
  const nullable = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]))
  const http = {
    method: request.method,
    url: request.url,
    headers: {},
    query: {},
    params: {},
    nullableHeaders: nullable(request.headers),
    nullableQuery: nullable(request.query),
    nullableParams: {},
    ...(request.body !== undefined && { body: { bytes: request.body } }),
  }
  const invocation = model.getInvocationModel({
    invocationId,
    metadata,
    state: 'init',
    log: (level: string, _category: string, message: string) => log(level, `Function.${metadata.name}.User`, message),
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [{ name: bindingName, data: { http } }],
      triggerMetadata: {},
      traceContext: { traceParent: '', traceState: '', attributes: {} },
    },
  })
  const { context, inputs } = await invocation.getArguments()
  const result = await invocation.invokeFunction(context, inputs, handler)
  const { returnValue } = await invocation.getResponse(context, result)
  return returnValue?.http
}
