/** The parameters of a path that fits, or undefined. */
export type RouteMatch = (path: string) => Record<string, string> | undefined

/**
 * Compiles a route template: literal segments, `{name}`, `{name?}` and `{*name}` at its end. Case is ignored, a segment
 * is percent-decoded except for `%2F`, and one slash at the end is fine.
 * @throws Error for what this host does not know, such as constraints: better than a route that fits too much
 */
export function compileRoute(template: string): RouteMatch {
  const wanted = template.split('/').map((segment) => {
    const [, star, name, optional] = /^\{(\*?)(\w+)(\??)\}$/.exec(segment) ?? []
    if (name === undefined && /[{}]/.test(segment)) throw new Error(`this host does not know the route "${template}"`)
    return name === undefined
      ? { literal: segment.toLowerCase() }
      : { name, rest: star !== '', optional: optional !== '' }
  })
  return (path) => {
    const given = path.replace(/\/$/, '').split('/').map(decode)
    const parameters: Record<string, string> = {}
    for (const [index, part] of wanted.entries()) {
      const value = given[index]
      if (part.literal !== undefined) {
        if (value?.toLowerCase() !== part.literal) return undefined
      } else if (part.rest) {
        parameters[part.name] = given.slice(index).join('/')
        return parameters
      } else if (value === undefined || value === '') {
        if (!part.optional) return undefined
      } else {
        parameters[part.name] = value
      }
    }
    return given.length <= wanted.length ? parameters : undefined
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll(/%2f/gi, '%252F'))
  } catch {
    return segment
  }
}
