/**
 * The types of values that Python's `marshal` writes, as the byte before each.
 * @module
 */

export const NONE = 0x4e; // N
export const TRUE = 0x54; // T
export const FALSE = 0x46; // F
/** Four bytes, the lowest first. */
export const INT = 0x69; // i
/** How many digits of 15 bits, below zero for a negative number, and these, the lowest first. */
export const LONG = 0x6c; // l
/** Eight bytes, the lowest first. */
export const FLOAT = 0x67; // g
/** The length in bytes, and UTF-8, in which half of a pair of code units may stand. */
export const TEXT = 0x75; // u
export const LIST = 0x5b; // [
export const TUPLE = 0x28; // (
/** Names and values up to `END`. */
export const DICT = 0x7b; // {
export const END = 0x30; // 0
