/**
 * Long work in parts: between them the page answers.
 * @module
 */

/** @returns {Promise<void>} settled in a task of its own, also while the page is hidden and its timers are slow */
export const nextTask = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
