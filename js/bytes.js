/** The bytes that Base64 (RFC 4648 §4) stands for. */
export function decode(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** The Base64 of bytes. */
export function encode(bytes) {
  const chars = Array.from(new Uint8Array(bytes), (byte) =>
    String.fromCharCode(byte),
  );
  return btoa(chars.join(""));
}

/** The value whose JSON these bytes are, in UTF-8; `revive` as in JSON.parse. */
export function parse(bytes, revive) {
  return JSON.parse(new TextDecoder().decode(bytes), revive);
}
