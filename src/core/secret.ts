/** A value that must never be printed. Only {@link Secret.reveal} returns it. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** Call this only where the value itself is needed, for example for a key file, and never for a message. */
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
