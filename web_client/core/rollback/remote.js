/**
 * One peer of a match, over all its episodes.
 * @module
 */
import { ControlChannel } from "./control_channel.js";
import { LinkClock } from "./link_clock.js";

export class Remote {
  /** @param {number} incarnation ours */
  constructor(incarnation) {
    this.control = new ControlChannel(incarnation);
    this.clock = new LinkClock();
    this.noticedAtMs = -Infinity;
    this.compatible = true;
  }
}
