import { randomUUID } from 'node:crypto'

/** What `app.http` and its siblings hand to the runtime, as far as this host needs it. */
export interface Binding {
  type: string
  direction: string
  methods?: string[]
  authLevel?: string
  route?: string
  schedule?: string
}
export interface Metadata {
  name: string
  bindings: Record<string, Binding>
}
export type Callback = (...args: unknown[]) => unknown

interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>
  invokeFunction(context: object, inputs: unknown[], handler: Callback): Promise<unknown>
  getResponse(context: object, result: unknown): Promise<{ returnValue?: { http?: RpcResponse } | null }>
}
/** The programming model that the library gives to the worker. */
export interface ProgrammingModel {
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
  expires?: Nullable<{ seconds: number }>
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
  params: Record<string, string>
  body: Uint8Array | undefined
}

export type LogLine = (level: string, category: string, message: string) => void

export interface Registered {
  model: ProgrammingModel
  metadata: Metadata
  handler: Callback
  /** Name of the trigger's binding. */
  trigger: string
  log: LogLine
}

const nullable = (values: Record<string, string>): Record<string, Nullable<string>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]))

/** What an HTTP trigger is handed. */
export const httpData = ({ method, url, headers, query, params, body }: RpcRequest): object => ({
  http: {
    method,
    url,
    headers: {},
    query: {},
    params: {},
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(query),
    nullableParams: nullable(params),
    ...(body !== undefined && { body: { bytes: body } }),
  },
})

/** What a timer is handed; fired by hand it has no past. */
export const timerData: object = {
  json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }),
}

/** Calls a function as the worker does. @throws what the function throws */
export async function invoke(
  { model, metadata, handler, trigger, log }: Registered,
  data: object,
): Promise<RpcResponse | undefined> {
  const invocationId = randomUUID()
  const invocation = model.getInvocationModel({
    invocationId,
    metadata,
    state: 'init',
    log: (level: string, _category: string, message: string) => log(level, `Function.${metadata.name}.User`, message),
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [{ name: trigger, data }],
      triggerMetadata: {},
      traceContext: { traceParent: '', traceState: '', attributes: {} },
    },
  })
  const { context, inputs } = await invocation.getArguments()
  const result = await invocation.invokeFunction(context, inputs, handler)
  const { returnValue } = await invocation.getResponse(context, result)
  return returnValue?.http
}
