/**
 * What every scene's view is given.
 * @module
 */

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {import("../form/rules.js").Answer} Answer */
/** @typedef {import("../form/form.js").Timing} AnswerTiming */
/** @typedef {import("../form/form.js").Outcome} Outcome */
/** @typedef {{shown_ms: number, submitted_ms: number}} PageTiming ms since the visit began; `shown_ms`: for the first time */
/**
 * What a page with recordings is given by the host, and what it shows them with.
 * @typedef {object} Recordings
 * @property {(visit: number, number: number) => Promise<import("../../replay/messages.js").Shown>} open
 * @property {(stage: HTMLElement, heard: import("../../replay/screen.js").Heard) => import("../../replay/screen.js").Screen} screen
 */
/**
 * @typedef {object} SceneProps
 * @property {import("../../protocol/server_messages.js").SceneShown} scene `spec`: see docs/internals-scene-spec.md
 * @property {Translate} t
 * @property {string} participant
 * @property {Record<string, unknown>} globals
 * @property {() => number} elapsedMs since this visit began
 * @property {() => number} shownMs when its page was first shown, likewise
 * @property {Record<string, Answer> | null} draft
 * @property {Record<string, number>} touchedMs questions touched before a reload → how long after the page was shown
 * @property {(values: Record<string, Answer>, touchedMs: Record<string, number>) => void} onDraft
 * @property {(values: Record<string, Answer>, timing: AnswerTiming, timedOut?: boolean) => Promise<Outcome>} answer
 * @property {(timing: PageTiming, timedOut?: boolean) => Promise<Outcome>} advance
 * @property {(name: "start" | "data" | "end", data: unknown) => void} webEvent
 * @property {(event: "play" | "pause" | "stop" | "end" | "failed", positionS: number, text: string) => void} replayEvent
 * @property {Recordings} recordings
 * @property {(url: string) => void} redirect
 */
export {};
