/** A value that must never be printed. Only {@link reveal} gives it back. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** Call this only where the value goes into a credential file. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '<masked>'
  }
  toJSON(): string {
    return '<masked>'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '<masked>'
  }
}
