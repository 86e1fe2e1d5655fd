// Preloaded into a process, its clock jumps an hour back again and again, as one does that is set by hand or by a server.
const HOUR = 3_600_000;
const real = Date.now.bind(Date);
let asked = 0;

const now = () => real() - HOUR * Math.floor(asked++ / 7);

globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  get: (target, key, self) => (key === "now" ? now : Reflect.get(target, key, self)),
});
