/** Values that template expressions work on: JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type JsonObject = { [name: string]: Json }

export type Expression =
  | { kind: 'literal'; value: string | number }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'member'; of: Expression; index: Expression }

/**
 * Reads the expression language of Azure Resource Manager templates, as far as the compiler of Bicep writes it.
 * Source: Microsoft's page "Syntax and expressions in ARM templates".
 */
export function parseExpression(text: string): Expression {
  let at = 0
  const skip = () => {
    while (/\s/.test(text[at] ?? '')) at += 1
  }
  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at ${at} of ${text}`)
  }
  const take = (mark: string) => {
    skip()
    if (text[at] !== mark) fail(`expected ${mark}`)
    at += 1
  }
  const match = (pattern: RegExp): string | undefined => {
    skip()
    const found = pattern.exec(text.slice(at))?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  const primary = (): Expression => {
    const quoted = match(/^'(?:[^']|'')*'/)
    if (quoted !== undefined) return { kind: 'literal', value: quoted.slice(1, -1).replaceAll("''", "'") }
    const number = match(/^-?\d+/)
    if (number !== undefined) return { kind: 'literal', value: Number(number) }
    const name = match(/^[A-Za-z_]\w*(?:\.\w+(?=\())?/)
    if (name === undefined) return fail('expected a value')
    take('(')
    const args: Expression[] = []
    skip()
    if (text[at] !== ')') {
      do args.push(whole())
      while (match(/^,/) !== undefined)
    }
    take(')')
    return { kind: 'call', name, args }
  }

  const whole = (): Expression => {
    let value = primary()
    for (;;) {
      if (match(/^\./) !== undefined) {
        const name = match(/^\w+/) ?? fail('expected a name')
        value = { kind: 'member', of: value, index: { kind: 'literal', value: name } }
      } else if (match(/^\[/) !== undefined) {
        value = { kind: 'member', of: value, index: whole() }
        take(']')
      } else {
        return value
      }
    }
  }

  const expression = whole()
  skip()
  if (at !== text.length) fail('unexpected text')
  return expression
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws TypeError when a template is not of the shape that the compiler writes */
export function objectOf(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new TypeError(`${what} is not an object: ${JSON.stringify(value)}`)
  return value
}

export function textOf(value: Json | undefined, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} is not a text: ${JSON.stringify(value)}`)
  return value
}

export function listOf(value: Json | undefined, what: string): Json[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is not a list: ${JSON.stringify(value)}`)
  return value
}
