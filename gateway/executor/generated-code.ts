/** Lines that append to the JSON of an answer, as few and as long pieces as can be. */
export class Code {
  readonly #lines: string[] = [];
  readonly #constant: (text: string) => string;
  #pending = '';

  /** `constant` gives the name by which generated code knows the bytes of a text. */
  constructor(constant: (text: string) => string) {
    this.#constant = constant;
  }

  /** Appends what is known beforehand. */
  text(text: string): this {
    this.#pending += text;
    return this;
  }

  /** Has a statement append something. */
  put(statement: string): this {
    this.flush();
    return this.line(statement);
  }

  line(line: string): this {
    this.#lines.push(line);
    return this;
  }

  /** A statement that appends what waits, for code that appends it on each of its ways. */
  taken(): string {
    const pending = this.#pending;
    this.#pending = '';
    return pending === '' ? '' : `putBytes(${this.#constant(pending)});`;
  }

  /** Appends what waits, where the code forks. */
  flush(): void {
    const statement = this.taken();
    if (statement !== '') this.#lines.push(statement);
  }

  finished(): string {
    this.flush();
    return this.#lines.join('\n');
  }
}
