import { escapeHtml, html, scriptJson, verbatim } from "@neural-string/trainer/report/markup";
import { describe, expect, test } from "vitest";

const NASTY = `</script><img src=x onerror=alert(1)>"'&`;

describe("html", () => {
  test("escapes every value, in content and in attributes", () => {
    const { text } = html`<p title="${NASTY}">${NASTY}</p>`;
    expect(text.match(/[<>]/g)).toHaveLength(4); // those of <p> and </p>
    expect(text.match(/"/g)).toHaveLength(2);
    expect(text).not.toContain("'");
  });

  test("escapes inside lists and leaves markup as it is", () => {
    expect(html`${["<a>", html`<b>${"<c>"}</b>`]}`.text).toBe("&#60;a&#62;<b>&#60;c&#62;</b>");
    expect(html`<style>${verbatim("a > b {}")}</style>`.text).toBe("<style>a > b {}</style>");
  });

  test("writes nothing for null, undefined and false, but writes 0", () => {
    expect(html`${null}${undefined}${false}${0}`.text).toBe("0");
  });

  test("does not take an object that only looks like markup", () => {
    const forged = JSON.parse('{"text": "<img>"}');
    expect(() => html`${forged}`).toThrow();
  });
});

describe("escapeHtml", () => {
  test("leaves other characters alone", () => {
    expect(escapeHtml("Saite E, 82 Hz − größer")).toBe("Saite E, 82 Hz − größer");
  });
});

describe("scriptJson", () => {
  test("reads back as the value and holds nothing that ends a script element or a line", () => {
    const value = { [NASTY]: [NASTY, "<!--", "\u2028\u2029"] };
    const { text } = scriptJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  });

  test("writes null for numbers that are not finite", () => {
    expect(scriptJson([Number.NaN, Number.POSITIVE_INFINITY, 1]).text).toBe("[null,null,1]");
  });
});
