/** Lines of a text file, plain or gzip, read as a stream. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

const GZIP_MAGIC = [0x1f, 0x8b];

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && GZIP_MAGIC.every((byte, index) => buffer[index] === byte);
  } finally {
    await file.close();
  }
}

/** Lines without their ends. What the file is, is told by its first bytes and not by its name. Rejects for a file that cannot be read or unpacked. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const packed = await isGzip(path);
  const source = createReadStream(path);
  const bytes = packed ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => bytes.destroy(error));
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of bytes) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
  } finally {
    source.destroy();
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
