/**
 * @file Writing protocol buffers: the wire format is small enough that a dependency would be larger than the need.
 *
 * A message is a list of fields; a field is a key (number << 3 | wire type) followed by a varint, four or eight bytes, or a
 * length and that many bytes. Messages nest by length, so they are built inside out as lists of chunks.
 */

const text = new TextEncoder();

export class Message {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;

  private push(chunk: Uint8Array): this {
    this.chunks.push(chunk);
    this.size += chunk.length;
    return this;
  }

  private key(field: number, wireType: number): this {
    return this.push(varint((field << 3) | wireType));
  }

  int(field: number, value: number | bigint): this {
    return this.key(field, 0).push(varint(value));
  }

  float(field: number, value: number): this {
    return this.key(field, 5).push(new Uint8Array(Float32Array.of(value).buffer));
  }

  double(field: number, value: number): this {
    return this.key(field, 1).push(new Uint8Array(Float64Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.key(field, 2).push(varint(value.length)).push(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  message(field: number, value: Message): this {
    this.key(field, 2).push(varint(value.size));
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.size);
    let offset = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }
}

function varint(value: number | bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest ? low | 0x80 : low);
  } while (rest);
  return Uint8Array.from(out);
}
