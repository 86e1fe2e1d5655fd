// Scripts stay files: a page under a strict Content-Security-Policy runs no inline ones.
export default { vite: { build: { assetsInlineLimit: 0 } } };
