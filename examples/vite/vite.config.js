// Relative addresses, so that the page works in any folder of a server; the model is copied from public/.
export default { base: "./" };
