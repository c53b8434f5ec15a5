/**
 * One of every page, as the host would describe it.
 * @module
 */
const base = { button_label: "Continue", min_display_s: 0, fields: [], body: "", header: "" };
const field = (name, type, label, more = {}) => ({ name, type, label, help: "", required: true, ...more });
const choices = (...labels) => labels.map((label) => ({ value: label.toLowerCase(), label, image: null }));
const picture = (colour, shape) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 100"><rect width="160" height="100" fill="${colour}"/>${shape}</svg>`)}`;

export const SPECS = {
  start: { ...base, id: "welcome", kind: "start", header: "Welcome to the ball study", button_label: "Start", body: "<p>In this study you play a short game with another person in this room. It takes about <strong>15 minutes</strong>.</p><p>Please read each page carefully. You can stop at any time.</p><h2>What is recorded</h2><ul><li>your keys during the game,</li><li>your answers on the pages after it.</li></ul>" },
  static: { ...base, id: "how", kind: "static", header: "How to play", min_display_s: 600, body: "<p>Move with <kbd>←</kbd> and <kbd>→</kbd>, jump with <kbd>↑</kbd>. Keep the ball off the ground on your side.</p><table><tr><th>Key</th><th>What it does</th></tr><tr><td>←</td><td>left</td></tr><tr><td>→</td><td>right</td></tr></table><blockquote>Play as well as you can.</blockquote>" },
  text_box: { ...base, id: "story", kind: "text_box", header: "In your own words", fields: [field("text", "textarea", "What was your partner trying to do?", { min_length: 20, max_length: 500, placeholder: "A few sentences are enough." })] },
  multiple_choice: { ...base, id: "pick", kind: "multiple_choice", header: "One question", fields: [field("choice", "choice", "How did you and your partner share the work?", { choices: choices("I did most of it", "We shared it equally", "My partner did most of it", "I do not know") })] },
  pictures: { ...base, id: "pics", kind: "multiple_choice", header: "Which field did you play on?", fields: [field("choice", "multi_choice", "Pick all you have seen", { min_choices: 1, max_choices: 2, choices: [
    { value: "a", label: "Beach", image: picture("#f3d9a4", '<circle cx="120" cy="26" r="14" fill="#e0852f"/><rect y="64" width="160" height="36" fill="#3f8fb5"/>') },
    { value: "b", label: "Forest", image: picture("#cfe3c5", '<path d="M20 90 45 30 70 90zM80 90 110 20 140 90z" fill="#356a3f"/>') },
    { value: "c", label: "Night", image: picture("#1d2440", '<circle cx="40" cy="30" r="12" fill="#f0e8c0"/><path d="M0 80 50 50 90 82 130 60 160 84V100H0z" fill="#0f1428"/>') },
  ] })] },
  scales: { ...base, id: "feel", kind: "scales", header: "How was it?", fields: [
    field("scale_1", "scale", "I understood what my partner wanted to do.", { min: 1, max: 7, step: 1, labels: ["not at all", "completely"] }),
    field("scale_2", "scale", "Playing together was …", { min: 1, max: 5, step: 1, labels: ["very hard", "rather hard", "neither", "rather easy", "very easy"] }),
    field("effort", "slider", "How much effort did it take?", { min: 0, max: 100, step: 1, labels: ["none at all", "as much as I could"] }),
    field("sure", "slider", "How sure are you?", { min: 0, max: 100, step: 1, labels: [], required: false, help: "You may leave this one out." }),
  ] },
  option_boxes: { ...base, id: "boxes", kind: "option_boxes", header: "Your strategy", fields: [field("option", "option_boxes", "Which word fits best?", { multiple: false, choices: choices("Careful", "Fast", "Playful", "Stubborn", "Cooperative") })] },
  ranking: { ...base, id: "order", kind: "ranking", header: "What matters most?", fields: [field("ranking", "ranking", "Put these in order, the most important first.", { choices: [
    ...choices("Winning", "Having fun together", "Being fair to the other person, also when it costs something", "Finishing early"),
    { value: "beach", label: "The beach", image: picture("#f3d9a4", '<circle cx="120" cy="26" r="14" fill="#e0852f"/>') },
  ] })] },
  scales_and_text_box: { ...base, id: "partner", kind: "scales_and_text_box", header: "Your partner", fields: [
    field("scale_1", "scale", "My partner helped me.", { min: 1, max: 7, step: 1, labels: ["never", "always"] }),
    field("text", "textarea", "What would you have done differently?", { required: false, max_length: 300 }),
  ] },
  option_boxes_with_scales_and_text_box: { ...base, id: "all", kind: "option_boxes_with_scales_and_text_box", header: "Who was it?", fields: [
    field("option", "option_boxes", "Who played on the other side?", { multiple: false, choices: choices("A person", "A program", "I do not know") }),
    field("scale_1", "scale", "I am sure.", { min: 1, max: 5, step: 1, labels: ["not at all", "completely"] }),
    field("text", "textarea", "What gave it away?", { required: false, max_length: 300 }),
  ] },
  form: { ...base, id: "about", kind: "form", header: "About you", body: "<p>These answers are stored without your name.</p>", fields: [
    field("age", "number", "How old are you?", { min: 18, max: 99, step: 1, unit: "years" }),
    field("hand", "choice", "Which hand do you write with?", { choices: choices("Left", "Right", "Both") }),
    field("born", "date", "When did you last play a ball game?", { min: "2020-01-01", max: null, required: false }),
    field("city", "text", "Where did you grow up?", { max_length: 60, required: false, help: "The name of the town is enough." }),
    field("consent", "consent", "I have read the information sheet and agree to take part.", { version: "2.1", receipt: true }),
  ] },
  chat: { ...base, id: "talk", kind: "chat", header: "Talk about the game", body: "<p>How do you want to play the next round? Please agree on something.</p>" },
  leaderboard: { ...base, id: "results", kind: "leaderboard", header: "How you did", body: "<p>All who have played so far.</p>", board: { rank: 12, of: 31, lines: [
    { rank: 1, name: "PC 7", score: "42", mine: false },
    { rank: 2, name: "", score: "40", mine: false },
    { rank: 2, name: "PC 3 <b>", score: "40", mine: false },
    { rank: 12, name: "PC 1", score: "17.5", mine: true },
  ] } },
  replay: { ...base, id: "watch", kind: "replay", header: "Which of the two played better?", body: "<p>Watch both recordings; they start together.</p>", compare: 2, speed: 1, may_rewatch: true, shown: [{ frames: 60, fps: 30, player: 0 }, { frames: 90, fps: 30, player: 0 }], stops: [{ at_s: null, fields: ["better", "why"] }], fields: [
    field("better", "option_boxes", "Which one?", { multiple: false, choices: choices("A", "B") }),
    field("why", "text", "Why?", { required: false, max_length: 200 }),
  ] },
  web: { ...base, id: "task", kind: "web", header: "A short task", src: "/tests/web/ui/gallery/frame.html?p={participant}", ends_by: "message", frame_height: 420, allow: "fullscreen" },
  completion_code: { ...base, id: "code", kind: "completion_code", header: "", body: "<p>Please give this code to the person running the study.</p>", code: "K7QF2M9A", redirect_url: null },
  end: { ...base, id: "bye", kind: "end", header: "Thank you", body: "<p>You may leave the room quietly.</p>", redirect_url: null, redirect_after_s: 5 },
};

export const GYM = {
  ...base,
  id: "match",
  kind: "gym",
  header: "Slime volleyball",
  body: "<p>Keep the ball off the ground on your side. The first to five points wins the round.</p><p>Move with <kbd>←</kbd> and <kbd>→</kbd>, jump with <kbd>↑</kbd>.</p>",
  rendering: { width: 600, height: 250, fps: 30, background: "#dfeaf5", hud: true, hud_text: null },
  gameplay: { action_mapping: [{ keys: ["ArrowLeft"], action: 1 }, { keys: ["ArrowRight"], action: 2 }, { keys: ["ArrowLeft", "ArrowUp"], action: 3 }, { keys: ["Space"], action: 4 }], num_episodes: 3, countdown_s: 3 },
  content: { in_game_body: "<p>Remember: the ball may touch your head.</p>", start_label: "Start" },
  runtime: { packages: [] },
  players: 2,
};

export const MATCH = { id: "m1", seed: 1, me: 0, players: [{ player: 0, agent: "left", name: "You" }, { player: 1, agent: "right", name: "Partner" }], bots: [], episode: 0, ice: { stun: null, turn: null }, transport: "auto", fixed: {} };
