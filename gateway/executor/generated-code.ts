/** Lines that append to `json`, as few and as long texts as can be. */
export class Code {
  readonly #lines: string[] = [];
  #pending = '';

  /** Appends what is known beforehand. */
  text(text: string): this {
    this.#pending += text;
    return this;
  }

  /** Appends the value of an expression, in quotes or not. */
  value(expression: string, quote = ''): this {
    this.#lines.push(`json += ${JSON.stringify(this.#pending + quote)} + ${expression};`);
    this.#pending = quote;
    return this;
  }

  line(line: string): this {
    this.#lines.push(line);
    return this;
  }

  /** What waits to be appended, by somebody else now. */
  taken(): string {
    const pending = this.#pending;
    this.#pending = '';
    return pending;
  }

  /** Appends what waits, where the code forks. */
  flush(): void {
    if (this.#pending !== '') this.#lines.push(`json += ${JSON.stringify(this.#pending)};`);
    this.#pending = '';
  }

  finished(): string {
    this.flush();
    return this.#lines.join('\n');
  }
}
