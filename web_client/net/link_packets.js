/**
 * The few packets links exchange among themselves, beside the game's. Little-endian; the first byte never starts a game packet.
 * @module
 */

const PING = 0xf0;
const PONG = 0xf1;
const BYTES = 12;

/** @typedef {{type: "ping" | "pong", hears: boolean, n: number, sentMs: number}} LinkPacket `hears`: the sender gets our packets the direct way */

/**
 * @param {LinkPacket} packet
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeLinkPacket({ type, hears, n, sentMs }) {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type === "ping" ? PING : PONG);
  view.setUint8(1, hears ? 1 : 0);
  view.setUint16(2, n & 0xffff, true);
  view.setFloat64(4, sentMs, true);
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @returns {LinkPacket | null} null when it is a packet of the game, or nothing that can be read
 */
export function decodeLinkPacket(bytes) {
  if (bytes.byteLength !== BYTES || (bytes[0] !== PING && bytes[0] !== PONG)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { type: bytes[0] === PING ? "ping" : "pong", hears: bytes[1] === 1, n: view.getUint16(2, true), sentMs: view.getFloat64(4, true) };
}
