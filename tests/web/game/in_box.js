/** What tests of matches in a box have in common. */
import assert from "node:assert/strict";
import { MatchBox } from "./match_box.js";

/** @param {object} options @param {(box: MatchBox) => void} play */
export function inBox(options, play) {
  const box = new MatchBox(options);
  try {
    play(box);
    for (const { failures } of box.seats) assert.deepEqual(failures, []);
  } finally {
    box.close();
  }
}

export const frame = (box, me) => box.seats[me].env.frame;
export const over = (box) => () => box.seats.every(({ me }) => box.said(me, "gameOver").length > 0);
export const ends = (box, me) => box.said(me, "episodeEnded").map(({ episode, reason }) => [episode, reason]);
export const lose = (box, me) => box.seats.forEach((seat) => [`${me}>${seat.me}`, `${seat.me}>${me}`].forEach((way) => box.cut.add(way)));
export const inputsOf = (box, me, player, episode = 0) => box.rows(me, episode).map(([inputs]) => inputs[player]);

/** Both recorded the whole episode alike. */
export const wholeAndEqual = (box, episode, last) => {
  const [mine, theirs] = [box.rows(0, episode), box.rows(1, episode)];
  assert.equal(mine.length, last + 1);
  assert.deepEqual(mine, theirs);
};
