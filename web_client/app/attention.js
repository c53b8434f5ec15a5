/**
 * Whether the participant looks at this page and does something: told to the host, which alone decides what follows.
 * @module
 */

const ACTIVITY_EVERY_MS = 1000;
const SIGNS_OF_LIFE = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];

/**
 * @param {{send: (type: string, body: any) => boolean, hostNowMs: () => number, onChange: (now: {hidden: boolean, focused: boolean}) => void}} options
 */
export function watchAttention({ send, hostNowMs, onChange }) {
  let lastActivityMs = -Infinity;
  let told = "";
  const now = () => ({ hidden: document.visibilityState === "hidden", focused: hasFocus() });
  const tell = () => {
    const { hidden, focused } = now();
    const key = `${hidden} ${focused}`;
    // First: a game that is left now still tells what it measured while somebody looked.
    onChange({ hidden, focused });
    if (key !== told && send("focus", { hidden, blurred: !focused, at_ms: Math.max(0, hostNowMs()) })) told = key;
  };
  const active = () => {
    const atMs = hostNowMs();
    if (atMs - lastActivityMs < ACTIVITY_EVERY_MS) return;
    if (send("activity", { at_ms: Math.max(0, atMs) })) lastActivityMs = atMs;
  };
  document.addEventListener("visibilitychange", tell);
  // The window blurs before the frame inside it has the focus, so the question is asked a moment later.
  for (const kind of ["focus", "blur"]) window.addEventListener(kind, () => setTimeout(tell, 0));
  for (const kind of SIGNS_OF_LIFE) window.addEventListener(kind, active, { passive: true, capture: true });
  return {
    now,
    /** After a reconnection the host is told afresh. */
    retell: () => {
      told = "";
      tell();
    },
  };
}

/** A frame of our own page that has the focus is the study, too. */
const hasFocus = () => document.hasFocus() || document.activeElement instanceof HTMLIFrameElement;
