// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../../../Chat/Web/Page/links.js";
import { hostile, assertLinear } from "./linear.js";

/**
 * Texts with the links that they hold, written «like this».
 * @type {Record<string, string[]>}
 */
const texts = {
  "ends of sentences": [
    "See «http://example.com».",
    "See «https://example.com/a», «https://example.com/b»; and «https://example.com/c»!",
    "Really «https://example.com/what»?! Yes: «https://example.com/that»: it is…",
    "«https://example.com/path»...",
    "«http://example.com/123»!!! «http://example.com/123;123»",
    "«https://example.com/?a=1&b=2»… and «https://example.com/#/#room:example.org»",
    "«http://localhost:8000»? «http://example.com?q» «http://example.com#frag»",
  ],
  "names as they are": [
    "«https://en.wikipedia.org/wiki/Hobson's_choice»",
    "«https://en.wikipedia.org/wiki/Hobson’s_choice»",
    "'«https://en.wikipedia.org/wiki/Hobson's_choice»'",
    "«https://en.wikipedia.org/wiki/Hatfield–McCoy_feud» is long",
    "«https://en.wikipedia.org/wiki/Primer_(film)» (see «https://en.wikipedia.org/wiki/Primer_(film)»)",
    "(«https://example.com/a_(b)_c»), [«https://example.com/[d]»], {«https://example.com/{e}»}",
    "«https://zh.wikipedia.org/wiki/史蒂夫·乔布斯»",
    "«https://www.google.com/maps/@59.93,30.31,15z?hl=ru»",
    "«https://example.com/a..b/c...d» «https://example.com/compare/a1...b2»",
    "«https://example.com/foo--bar-»",
    "«https://web.archive.org/web/2020/https://example.org/y»",
    "«http://example.com/a|b||c» «http://example.com/a^b`c» «http://example.com/~me+you/$x$=1,2»",
    "«https://example.com/search?q='a'&b=\"c\"» and more",
    "«HTTP://EXAMPLE.COM» «http://a.in» «http://host-name» «http://999» «http://a---b.example.com/»",
    "«http://sub_domain.example.com/» «http://[::1]:8080/x» «http://127.0.0.1:5000/a»",
    "«http://user:secret@example.com:8080/x»",
  ],
  "beside other scripts": [
    "请看«https://example.com/a»。然后",
    "请看«https://example.com»，然后",
    "见«https://example.com»中文",
    "見«https://example.com»中文/path",
    "見«https://example.com:8080»中文",
    "「«https://example.com/a»」と『«https://example.com/b»』",
    "（«https://example.com/a»）、«https://example.com/b»。",
    "《«https://example.com/a»》《«https://example.com/b»》",
    "test «http://example.com»だよね.comtest/hogehoge",
    "text «http://exampleこれは日本語です.com/path/index.html»",
    "«http://ああ.com» «http://あ-あ.com/x» «http://例え.テスト/x» «http://президент.рф»",
    "한국어«https://example.com»입니다 «https://example.org/길»",
    "ดู«https://example.com»ได้",
    "«https://example.com»。«https://example.org»",
    "«https://example.com»。evil.example",
    "🎉«https://example.com/🎉» 🎉«https://example.com»🎉",
    "«https://127.0.0.1»中文 «http://localhost»中文 «http://localhost:5000»中文",
    "中文«https://example.com»中文«https://example.org»中文",
  ],
  "between marks": [
    "“«https://example.com/a»” ‘«https://example.com/b»’ „«https://example.com/c»“ «https://example.com/d»»",
    "\"«https://example.com/a»\" '«https://example.com/b»' `«https://example.com/c»`",
    "[\"«https://example.com/a»\",\"«https://example.com/b»\"]",
    "['«https://example.com/a»','«https://example.com/b»']",
    "<a href=\"«https://example.com/a»\">x</a> <«https://example.com/b»>.",
    "**«https://example.com/a»** _«https://example.com/b_c»_ ~«https://example.com/d»~",
    "[text](«https://example.com/a»)[text](«https://example.com/b»)",
    "url=«https://example.com/a» |«https://example.com/b»| +«https://example.com/c» git+«https://example.com/d»",
    "｜«http://example.com»｜",
    "«https://example.com/a»\u200bmore «https://example.com/b»\u202egpj.exe «https://example.com/c»\u2028more",
    "«https://example.com/a»\nmore\n«https://example.com/b»\tmore\u00a0«https://example.com/c»\u3000more",
  ],
  "none": [
    "http:// http://. http://.. http://# http://? http:///a https:/example.com",
    "http://.example.com http://-example.com xhttp://example.com a_http://example.com 1http://example.com",
    "http://example.com_ http://example.com- example.com //example.com ftp://example.com mailto:a@example.com javascript:alert(1)",
    "http://example.com:99999999 http://[::g]/",
    "http://xn--.com/",
  ],
};

for (const [name, cases] of Object.entries(texts)) {
  test(`links: ${name}`, () => {
    for (const marked of cases) {
      const wanted = [...marked.matchAll(/«(http[^«»]*)»/gi)].map((match) => match[1]);
      const text = marked.replaceAll(/«(http[^«»]*)»/gi, "$1");
      const parts = partsOf(text);
      assert.deepEqual(parts.filter((part) => part.href).map((part) => part.text), wanted, text);
      assert.equal(parts.map((part) => part.text).join(""), text);
    }
  });
}

test("a link leads to the host that is seen", () => {
  const hosts = ["https://example.com。evil.example", "https://example.com中文", "https://example.comпривет", "见https://example.com：8080", "https://example.com／evil.example", "https://example.com＠evil.example"]
    .flatMap((text) => partsOf(text)).flatMap(({ href }) => (href ? [new URL(href).hostname] : []));
  assert.deepEqual(hosts, Array(6).fill("example.com"));
});

test("a link is at most 2,048 characters long, and cuts no character in two", () => {
  for (const tail of ["a", "😀", "(a)", "%20", "中"]) {
    for (const shift of ["", "b"]) {
      const [{ text, href }] = partsOf(`https://example.com/${shift}${tail.repeat(3_000)}`);
      assert.ok(text.length <= 2_048 && text.length >= 2_048 - tail.length, `${tail}: ${text.length}`);
      assert.ok(href && !href.includes("%EF%BF%BD"), tail);
    }
  }
});

for (const [name, shape] of Object.entries(hostile)) {
  test(`links: takes time in proportion to the length of ${name}`, () => assertLinear((text) => partsOf(text), shape));
}
