/** Keeps everything up to a limit. */
export class CollectedOutput {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** False once there is more than the limit; what is beyond is not kept. */
  add(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) return false;
    this.chunks.push(chunk);
    return true;
  }

  get overflown(): boolean {
    return this.bytes > this.maxBytes;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** Splits a stream of bytes into lines for a log, and keeps its end for error messages. */
export class LineLog {
  private readonly decoder = new TextDecoder();
  private rest = '';
  private lines = 0;
  private kept = '';

  constructor(
    private readonly limits: { readonly maxLineCharacters: number; readonly maxLines: number; readonly tailCharacters: number },
    private readonly onLine: (line: string) => void,
  ) {}

  add(chunk: Uint8Array): void {
    const text = this.decoder.decode(chunk, { stream: true });
    this.kept = (this.kept + text).slice(-this.limits.tailCharacters);
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.emit(line);
    if (this.rest.length > this.limits.maxLineCharacters) {
      this.emit(this.rest);
      this.rest = '';
    }
  }

  end(): void {
    if (this.rest !== '') this.emit(this.rest);
    this.rest = '';
  }

  tail(): string {
    return this.kept.trim();
  }

  private emit(line: string): void {
    this.lines += 1;
    const { maxLines, maxLineCharacters } = this.limits;
    if (this.lines > maxLines) return;
    const text = line.trimEnd();
    if (text !== '') this.onLine(text.length > maxLineCharacters ? `${text.slice(0, maxLineCharacters)}…` : text);
    if (this.lines === maxLines) this.onLine(`(more than ${maxLines} lines; the rest is not logged)`);
  }
}
