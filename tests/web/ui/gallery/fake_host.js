/**
 * A socket that behaves like the host's for as long as a page needs: it keeps what it was sent and says what it is told to.
 * @module
 */
export class FakeSocket {
  connected = false;
  active = true;
  sent = [];
  answer = () => ({ ok: true });
  hostNowMs = () => Date.now();
  #listeners = new Map();
  #any = [];

  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  onAny(listener) {
    this.#any.push(listener);
  }

  connect() {
    this.connected = true;
    queueMicrotask(() => this.#listeners.get("connect")?.());
  }

  disconnect() {
    this.drop("io client disconnect");
  }

  drop(reason = "transport close") {
    this.connected = false;
    this.#listeners.get("disconnect")?.(reason);
  }

  fail(error) {
    this.#listeners.get("connect_error")?.(error);
  }

  emit(type, body, ack) {
    // What leaves is what it is now, whatever becomes of the object.
    this.sent.push({ type, body: structuredClone(body) });
    if (!ack) return;
    const reply = type === "clock" ? { ok: true, t1_ms: this.hostNowMs(), t2_ms: this.hostNowMs() } : this.answer(type, body);
    if (reply !== null) queueMicrotask(() => ack(reply));
  }

  say(type, body) {
    for (const listener of this.#any) listener(type, body);
  }

  all(type) {
    return this.sent.filter((message) => message.type === type).map(({ body }) => body);
  }
}

export const WELCOME = { protocol: 1, session: "s1", participant: "p001-ab", label: "P-014", title: "Ball study", language: "en", globals: {}, preload: { vendor_packages: [], packages: [], bundles: [], wheels_index: "/simple/" }, server_ms: Date.now() };
