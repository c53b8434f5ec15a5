/**
 * Stands in each page itself: where a network changes while a page's files are on their way (a cable, a Wi-Fi, a VPN),
 * browsers give them up for good, and the page would stay empty. It loads again until all of them came.
 */
(() => {
  const KEY = "igym.loads";
  const PAUSES_MS = [300, 1000, 2000, 5000];
  const SILENT_TRIES = 2;
  /** @type {Record<string, string>} */
  const TEXTS = {
    en: "Parts of this page got lost on the way. It is loaded again until all of them are here; nothing you did is lost. If this goes on, please tell the person running the study.",
    de: "Teile dieser Seite sind unterwegs verloren gegangen. Sie wird neu geladen, bis alle da sind; nichts von Ihnen geht verloren. Wenn das so bleibt, sagen Sie bitte der Studienleitung Bescheid.",
    fr: "Des parties de cette page se sont perdues en route. Elle est rechargée jusqu’à ce que tout soit là ; rien de ce que vous avez fait n’est perdu. Si cela continue, veuillez prévenir la personne qui dirige l’étude.",
    es: "Partes de esta página se han perdido por el camino. Se vuelve a cargar hasta que estén todas; nada de lo que ha hecho se pierde. Si esto continúa, avise a la persona que dirige el estudio, por favor.",
    it: "Parti di questa pagina si sono perse per strada. Viene ricaricata finché ci sono tutte; nulla di ciò che ha fatto va perso. Se continua, avvisi chi conduce lo studio.",
    pt: "Partes desta página perderam-se pelo caminho. É carregada de novo até estarem todas; nada do que fez se perde. Se isto continuar, avise a pessoa que conduz o estudo, por favor.",
    nl: "Delen van deze pagina zijn onderweg verloren gegaan. Ze wordt opnieuw geladen tot alles er is; niets van wat u deed gaat verloren. Blijft dit zo, zeg het dan tegen de onderzoeksleiding.",
    ar: "ضاعت أجزاء من هذه الصفحة في الطريق. يُعاد تحميلها حتى تصل كلها؛ لا يضيع شيء مما فعلته. إن استمر ذلك، فيُرجى إخبار القائم على الدراسة.",
  };
  let waiting = false;

  const kept = (/** @type {(store: Storage) => string | null | void} */ use) => {
    try {
      return use(sessionStorage);
    } catch {
      // A browser that stores nothing loads again after the shortest pause.
      return null;
    }
  };

  const tell = () => {
    const language = navigator.languages.map((tag) => tag.split("-")[0] ?? "").find((code) => code in TEXTS) ?? "en";
    const line = document.createElement("p");
    line.setAttribute("role", "status");
    line.lang = language;
    line.dir = "auto";
    line.style.cssText = "max-width: 34rem; margin: 4rem auto; padding: 0 1rem; font-family: system-ui, sans-serif";
    line.textContent = TEXTS[language] ?? "";
    document.body?.replaceChildren(line);
  };

  const lost = (/** @type {Event} */ { target }) => {
    if (waiting || !(target instanceof Element) || !target.matches("head > script, head > link[rel=stylesheet]")) return;
    waiting = true;
    const tries = Number(kept((store) => store.getItem(KEY)));
    kept((store) => store.setItem(KEY, String(tries + 1)));
    if (tries >= SILENT_TRIES) addEventListener("load", tell);
    setTimeout(() => location.reload(), PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
  };

  // Errors of loading do not bubble. What a study's own page adds later is its own business.
  addEventListener("error", lost, true);
  addEventListener("load", () => {
    removeEventListener("error", lost, true);
    if (!waiting) kept((store) => store.removeItem(KEY));
  });
})();
