/** A map that forgets its oldest entries, so that a simulator can run under load for hours. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #most: number

  constructor(most = 20_000) {
    super()
    this.#most = most
  }

  override set(key: string, value: Value): this {
    super.set(key, value)
    if (this.size > this.#most) {
      const oldest = this.keys().next().value
      if (oldest !== undefined) this.delete(oldest)
    }
    return this
  }
}
