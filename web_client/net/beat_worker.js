/**
 * A beat that a hidden page does not slow down: timers of workers keep their pace, timers of hidden pages do not.
 * @module
 */
setInterval(() => postMessage(0), 100);
