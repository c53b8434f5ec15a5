/**
 * Recordings that are there at once, and screens that remember what they showed.
 * @module
 */

/** @param {(stage: HTMLElement, frame: number) => void} [draw] */
export function fakeRecordings(draw = () => {}) {
  const screens = [];
  const open = async () => ({ replay: {}, bundle: { spec: { rendering: { width: 600, height: 250 } } }, match: { me: 0 } });
  const screen = (stage, heard) => {
    const player = { frames: 0, fps: 30, reached: 1e6, at: -2, seek: (frame) => (player.at = frame) };
    const made = { player, heard, shown: [], isWhole: true, isClosed: false, open: () => draw(stage, -1), show: () => made.shown.at(-1) === player.at || (made.shown.push(player.at), draw(stage, player.at)), close: () => (made.isClosed = true) };
    screens.push(made);
    return made;
  };
  return { open, screen, screens };
}
