import { randomUUID } from 'node:crypto'
import {
  type Expression,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  objectOf,
  parseExpression,
  textOf,
} from './armExpression.ts'
import { member, pureFunctions } from './armFunctions.ts'

/** What a cloud answers to `environment()`, and what its resources answer at run time. */
export interface Cloud {
  environment: JsonObject
  /** Properties that exist once a resource is deployed, such as a host name. */
  runtime(type: string, name: string): JsonObject
}

export interface Resource {
  type: string
  name: string
  /** Resource id; for a Graph resource its type and name. */
  id: string
  /** Id of the resource that this one extends, such as the vault of a role assignment. */
  scope: string | undefined
  properties: JsonObject
  /** The evaluated resource, `properties` included. */
  body: JsonObject
}

export interface Deployed {
  /** Every resource that would be deployed, those of nested templates included. */
  resources: Resource[]
  outputs: Record<string, Json>
}

const subscription = '/subscriptions/11111111-1111-1111-1111-111111111111'
const tenantId = '22222222-2222-2222-2222-222222222222'

type Locals = Readonly<Record<string, Json>>

/**
 * Works a compiled template out for given parameters and a given cloud, run-time references included. One for a resource
 * group is deployed to `existing-group`.
 */
export function deploy(template: Json, parameters: JsonObject, cloud: Cloud): Deployed {
  const resources: Resource[] = []
  const declared = objectOf(template, 'template')
  const toSubscription = textOf(declared.$schema, '$schema').includes('subscriptionDeploymentTemplate')
  const target = toSubscription ? subscription : `${subscription}/resourceGroups/existing-group`
  const outputs = new Scope(declared, parameters, cloud, target, 'main', resources).outputs()
  return { resources, outputs }
}

class Scope {
  readonly #template: JsonObject
  readonly #parameters: JsonObject
  readonly #cloud: Cloud
  /** Id of the subscription or resource group that is deployed to. */
  readonly #target: string
  readonly #deployment: string
  /** By symbol; small modules are compiled to a list without symbols. */
  readonly #declared: JsonObject
  readonly #found: Resource[]
  readonly #done = new Map<string, JsonObject | undefined>()
  readonly #defaults = new Map<string, Json>()

  constructor(
    template: JsonObject,
    parameters: JsonObject,
    cloud: Cloud,
    target: string,
    deployment: string,
    found: Resource[],
  ) {
    this.#template = template
    this.#parameters = parameters
    this.#cloud = cloud
    this.#target = target
    this.#deployment = deployment
    this.#found = found
    const { resources = {} } = template
    this.#declared = Array.isArray(resources)
      ? Object.fromEntries(resources.map((each, index) => [String(index), each]))
      : objectOf(resources, 'resources')
  }

  outputs(): Record<string, Json> {
    for (const symbol of Object.keys(this.#declared)) this.#resource(symbol)
    const outputs = Object.entries(this.#part('outputs'))
    return Object.fromEntries(outputs.map(([name, output]) => [name, this.#value(member(output, 'value') ?? null, {})]))
  }

  #part(name: string): JsonObject {
    const part = this.#template[name]
    return isObject(part) ? part : {}
  }

  #value(value: Json, locals: Locals): Json {
    if (typeof value === 'string') {
      if (!value.startsWith('[') || !value.endsWith(']')) return value
      return value.startsWith('[[') ? value.slice(1) : this.#run(parseExpression(value.slice(1, -1)), locals)
    }
    if (Array.isArray(value)) return value.map((each) => this.#value(each, locals))
    if (!isObject(value)) return value
    const made: JsonObject = {}
    for (const [name, each] of Object.entries(value)) {
      if (name === 'copy' && Array.isArray(each))
        Object.assign(made, ...each.map((loop) => this.#propertyLoop(loop, locals)))
      else made[textOf(this.#value(name, locals), 'name')] = this.#value(each, locals)
    }
    return made
  }

  #propertyLoop(loop: Json, locals: Locals): JsonObject {
    const { name = '', count = 0, input = null } = objectOf(loop, 'copy')
    const length = Number(this.#value(count, locals))
    const items = Array.from({ length }, (_, index) => this.#value(input, { ...locals, [`copy:${name}`]: index }))
    return { [textOf(name, 'copy name')]: items }
  }

  /** Deploys one resource, or all of a loop, and answers what `reference()` sees of the first. */
  #resource(symbol: string): JsonObject | undefined {
    if (this.#done.has(symbol)) return this.#done.get(symbol)
    const [, name = symbol, index] = /^(.*)\[(\d+)\]$/.exec(symbol) ?? []
    const declared = objectOf(this.#declared[name], `resource ${name}`)
    this.#done.set(symbol, undefined)
    const loop = declared.copy
    if (index === undefined && isObject(loop)) {
      const count = Number(this.#value(loop.count ?? 0, {}))
      for (let at = 0; at < count; at += 1) this.#resource(`${name}[${at}]`)
      return undefined
    }
    const made = this.#deployOne(declared, index === undefined ? {} : { 'copy:': Number(index) })
    this.#done.set(symbol, made)
    return made
  }

  #deployOne(declared: JsonObject, locals: Locals): JsonObject | undefined {
    if (declared.condition !== undefined && this.#value(declared.condition, locals) !== true) return undefined
    const type = textOf(declared.type, 'type')
    if (type === 'Microsoft.Resources/deployments') return this.#nested(declared, locals)
    const { copy: _, condition: __, ...rest } = declared
    const body = objectOf(this.#value(rest, locals), type)
    const properties = isObject(body.properties) ? body.properties : {}
    const isGraph = type.startsWith('Microsoft.Graph/')
    const named = body.name ?? properties.uniqueName ?? properties.name ?? properties.appId ?? ''
    const name = textOf(named, `name of ${type}`)
    const scope = body.scope === undefined ? undefined : textOf(body.scope, 'scope')
    const id = isGraph ? `${type}/${name}` : this.#resourceId([scope ?? this.#target, type, ...name.split('/')])
    if (declared.existing !== true)
      this.#found.push({ type: type.replace(/@.*$/, ''), name, id, scope, properties, body })
    const runtime = this.#cloud.runtime(type.replace(/@.*$/, ''), name)
    return isGraph ? { ...properties, ...runtime } : { ...body, id, properties: { ...properties, ...runtime } }
  }

  /** What `reference()` sees of a resource that a template without symbols names by its id. */
  #byId(id: string): JsonObject {
    const [, ...path] = id.slice(id.lastIndexOf('/providers/') + '/providers/'.length).split('/')
    const provider = id.slice(id.lastIndexOf('/providers/')).split('/')[2]
    const type = [provider, ...path.filter((_, index) => index % 2 === 0)].join('/')
    const name = path.filter((_, index) => index % 2 === 1).join('/')
    const declared = this.#found.find((each) => each.id === id)
    return { properties: { ...declared?.properties, ...this.#cloud.runtime(type, name) } }
  }

  #nested(declared: JsonObject, locals: Locals): JsonObject {
    const properties = objectOf(declared.properties, 'properties')
    const group = declared.resourceGroup
    const target =
      group === undefined
        ? declared.subscriptionId === undefined
          ? this.#target
          : `/subscriptions/${this.#value(declared.subscriptionId, locals)}`
        : `${subscription}/resourceGroups/${this.#value(group, locals)}`
    const given = Object.entries(objectOf(properties.parameters ?? {}, 'parameters'))
    const parameters = Object.fromEntries(
      given.map(([name, each]) => [name, member(this.#value(each, locals), 'value') ?? null]),
    )
    const name = textOf(this.#value(declared.name ?? '', locals), 'name')
    const template = objectOf(properties.template, 'template')
    const outputs = new Scope(template, parameters, this.#cloud, target, name, this.#found).outputs()
    return {
      properties: { outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, { value }])) },
    }
  }

  #parameter(name: string): Json {
    const given = this.#parameters[name]
    if (given !== undefined) return given
    const declared = objectOf(this.#part('parameters')[name], `parameter ${name}`)
    if (declared.defaultValue === undefined) {
      if (declared.nullable === true) return null
      throw new TypeError(`parameter ${name} is missing`)
    }
    // newGuid() gives one value for the whole deployment.
    if (!this.#defaults.has(name)) this.#defaults.set(name, this.#value(declared.defaultValue, {}))
    return this.#defaults.get(name) ?? null
  }

  #run(expression: Expression, locals: Locals): Json {
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'member': {
        const index = this.#run(expression.index, locals)
        const value = member(this.#run(expression.of, locals), index)
        if (value === undefined)
          throw new TypeError(`nothing at ${JSON.stringify(index)} of ${JSON.stringify(expression.of)}`)
        return value
      }
      case 'call':
        return this.#call(expression.name, expression.args, locals)
    }
  }

  #call(name: string, args: Expression[], locals: Locals): Json {
    const argument = (index: number): Json => {
      const found = args[index]
      if (found === undefined) throw new TypeError(`${name} lacks argument ${index}`)
      return this.#run(found, locals)
    }
    switch (name) {
      case 'if':
        return argument(argument(0) === true ? 1 : 2)
      case 'parameters':
        return locals[`function:${argument(0)}`] ?? this.#parameter(textOf(argument(0), 'parameter'))
      case 'variables':
        return this.#variable(textOf(argument(0), 'variable'))
      case 'lambdaVariables':
        return locals[textOf(argument(0), 'lambda variable')] ?? null
      case 'copyIndex':
        return locals[`copy:${args.length === 0 ? '' : argument(0)}`] ?? 0
      case 'map':
        return listOf(argument(0), name).map((each) => this.#lambda(args[1], each, locals))
      case 'filter':
        return listOf(argument(0), name).filter((each) => this.#lambda(args[1], each, locals) === true)
      case 'toObject': {
        const pairs = listOf(argument(0), name).map((each): [string, Json] => [
          textOf(this.#lambda(args[1], each, locals), 'key'),
          args[2] === undefined ? each : this.#lambda(args[2], each, locals),
        ])
        return Object.fromEntries(pairs)
      }
      case 'reference': {
        const symbol = textOf(argument(0), 'symbol')
        const seen = symbol.startsWith('/') ? this.#byId(symbol) : this.#resource(symbol)
        if (seen === undefined) throw new TypeError(`reference to ${argument(0)}, which is not deployed`)
        const full = args.length === 3 || !isObject(seen.properties)
        return full ? seen : objectOf(seen.properties, 'properties')
      }
      case 'newGuid':
        return randomUUID()
      case 'environment':
        return this.#cloud.environment
      case 'deployment':
        return { name: this.#deployment }
      case 'tenant':
        return { tenantId }
      case 'subscription':
        return { id: subscription, subscriptionId: subscription.split('/')[2] ?? '' }
      case 'resourceGroup':
        return { id: this.#target, name: this.#target.split('/')[4] ?? '' }
      case 'resourceId':
        return this.#resourceId(args.map((_, index) => argument(index)))
      case 'subscriptionResourceId':
        return this.#resourceId([subscription, ...args.map((_, index) => argument(index))])
    }
    const values = args.map((_, index) => argument(index))
    if (name.includes('.')) return this.#userFunction(name, values)
    const pure = pureFunctions[name]
    if (pure === undefined) throw new TypeError(`the function ${name} is not known here`)
    return pure(values)
  }

  /** Leading arguments name a scope: an id, a subscription and a resource group, or nothing for the current one. */
  #resourceId(args: Json[]): string {
    const texts = args.map((each) => textOf(each, 'part of a resource id'))
    const at = texts.findIndex((each) => /^[A-Za-z]+\.[A-Za-z.]+\//.test(each))
    const before = texts.slice(0, at)
    const scope =
      before.length === 2
        ? `/subscriptions/${before[0]}/resourceGroups/${before[1]}`
        : before.length === 0
          ? this.#target
          : before[0]?.startsWith('/') === true
            ? before[0]
            : `${subscription}/resourceGroups/${before[0]}`
    return textOf(pureFunctions.extensionResourceId?.([scope, ...texts.slice(at)]), 'resource id')
  }

  #variable(name: string): Json {
    const variables = this.#part('variables')
    const declared = variables[name]
    if (declared !== undefined) return this.#value(declared, {})
    const loops = Array.isArray(variables.copy) ? variables.copy : []
    const loop = loops.find((each) => member(each, 'name') === name)
    if (loop === undefined) throw new TypeError(`variable ${name} is not declared`)
    return this.#propertyLoop(loop, {})[name] ?? null
  }

  #lambda(expression: Expression | undefined, item: Json, locals: Locals): Json {
    if (expression?.kind !== 'call' || expression.name !== 'lambda') throw new TypeError('expected a lambda')
    const body = expression.args.at(-1)
    const variable = expression.args[0]
    if (body === undefined || variable === undefined) throw new TypeError('an empty lambda')
    return this.#run(body, { ...locals, [textOf(this.#run(variable, locals), 'lambda variable')]: item })
  }

  /** @param name with its namespace, of which the compiler makes one for each file of functions */
  #userFunction(name: string, values: Json[]): Json {
    const [namespace, own] = name.split('.')
    for (const space of listOf(this.#template.functions ?? [], 'functions')) {
      if (member(space, 'namespace') !== namespace) continue
      const declared = member(member(space, 'members'), own)
      if (!isObject(declared)) continue
      const names = listOf(declared.parameters ?? [], 'parameters').map((each) => textOf(member(each, 'name'), 'name'))
      const locals = Object.fromEntries(names.map((each, index) => [`function:${each}`, values[index] ?? null]))
      return this.#value(member(declared.output, 'value') ?? null, locals)
    }
    throw new TypeError(`the function ${name} is not declared`)
  }
}
