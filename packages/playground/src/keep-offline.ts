/**
 * Registers the service worker once the page has what it needs: only in a built site, where there is one. Then the worker is
 * asked to keep what it was not installed with, unless the visitor wants to save data.
 */
import { at } from "./paths.ts";

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  const register = () => {
    // a browser that keeps no sites (private windows, no storage) is no error
    navigator.serviceWorker.register(at("service-worker.js")).catch(() => undefined);
    const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
    if (connection?.saveData) return;
    navigator.serviceWorker.ready.then(({ active }) => active?.postMessage("keep all"));
  };
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
}
