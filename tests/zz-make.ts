import { writeFileSync } from "node:fs";
import { renderReport } from "@neural-string/trainer/report/write-report";
import { reportInput, trainingLog } from "./support/report-fixture.ts";
for (const o of ["good","failing"] as const) {
  const input = reportInput(o);
  const t = performance.now();
  const s = renderReport(input);
  console.log(o, s.length, performance.now()-t, input.judgements.map(j=>[j.metrics.edrDb, j.metrics.cents, j.failures.map(f=>f.id), j.verdicts.map(v=>v.name+":"+v.verdict).join(" ")]));
  writeFileSync(`/tmp/rep/${o}.html`, s);
}
const g = reportInput("good");
writeFileSync("/tmp/rep/bare.html", renderReport({...g, judgements:[], sounds:[], log: [], record:{...g.record, status:"failed", error:"recordings.0: expected a WAV file, got 3 bytes"}}));
const t = performance.now();
const big = renderReport({...g, log: trainingLog("good", 50000, 5000)});
console.log("big", big.length, performance.now()-t);
writeFileSync("/tmp/rep/big.html", big);
writeFileSync("/tmp/rep/one.html", renderReport({...g, judgements:[], sounds:[], log: trainingLog("good",1,1), record:{...g.record, status:"stopped"}}));
