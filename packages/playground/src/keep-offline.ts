/** Registers the service worker once the page has what it needs: only in a built site, where there is one. */
import { at } from "./paths.ts";

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  const register = () => {
    // a browser that keeps no sites (private windows, no storage) is no error
    navigator.serviceWorker.register(at("service-worker.js")).catch(() => undefined);
  };
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
}
