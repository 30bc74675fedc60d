"""The page's script: the steps as a list first, from which the table and the drawing are made."""

SCRIPT = r"""
"use strict";
const TEXT = {
  title: loss => `Backpropagation of ${loss}, step by step`,
  about: (script, n, m) => `${script}: ${n} operations forward, ${m} steps back.`,
  agree: "Every gradient that could be measured agrees with central differences.",
  differ: n => `${n} ${n === 1 ? "step disagrees" : "steps disagree"} with what was measured: press G for the first.`,
  buttons: {
    Home: "Start",
    ArrowLeft: "Back",
    " ": "Play",
    ArrowRight: "Next",
    End: "End",
    f: "Forward",
    b: "Backward",
    g: "Disagreement",
    p: "Predict",
    d: "Dark",
    "?": "Help",
  },
  stop: "Pause",
  slider: "Step",
  counted: (s, last) => `${s} of ${last}`,
  bar: "Steps",
  now: "This step",
  steps: "All steps",
  tensors: "Tensors",
  drawing: "Drawing",
  drawn: "Drawing: the list and the table say the same",
  columns: ["tensor", "shape", "value", "gradient so far", "uses arrived"],
  parts: ["to", "own slope", "upstream", "sent", "measured", "sum so far", "uses arrived"],
  start: "The leaves hold their numbers.",
  forward: (op, ins, out, value) => `Forward: ${op} of ${ins} gives ${out}${value === null ? "" : " = " + value}.`,
  begin: (loss, v) => `Backward begins at ${loss}: its own gradient is ${v}.`,
  back: (op, out, up) => `Back through ${op}: the upstream gradient ${up} arrives from ${out}.`,
  sent: (to, v) => ` To ${to}: ${v}.`,
  product: (a, b, c) => `${a} times ${b} is ${c}`,
  summed: axes => `summed over ${axes.length > 1 ? "axes" : "axis"} ${axes.join(", ")}`,
  stretched: axes => `stretched along ${axes.length > 1 ? "axes" : "axis"} ${axes.join(", ")}`,
  same: "agrees",
  nothing: "nothing (None)",
  uses: (got, of) => `${got} of ${of} ${of === 1 ? "use" : "uses"} arrived`,
  ended: "Backward ends: each gradient is the sum of what arrived.",
  waits: task => `waits for task ${task}`,
  stopped: e =>
    e.task
      ? `Backward stops here: ${e.message}. This operation waits for task ${e.task}.`
      : `Backward stops with ${e.type}: ${e.message}`,
  bad: {
    value: b => `yours ${b.yours}, measured ${b.measured}${at(b)}`,
    none: b => `yours nothing (None), measured ${b.measured}${at(b)}`,
    shape: b => `yours has shape ${shape(b.got)}, the input has shape ${shape(b.expected)}`,
    ties: b => `equal elements share the gradient: yours add up to ${b.yours}, measured ${b.measured}`,
    count: b => `returned ${b.got} gradients for ${b.expected} inputs`,
    wrote: b => `wrote into ${b.into.join(" and ")}, which others use too`,
    sum: b => `yours ${b.yours}, but what was sent adds up to ${b.measured}${at(b)}`,
    early: b => `goes on after ${b.got} of ${b.of} uses have arrived`,
    twice: () => "is called a second time in one backward",
    skipped: () => "the operation that made it is never called",
    grad: b =>
      "yours" in b
        ? `.grad is ${b.yours}, but what was sent adds up to ${b.measured}${at(b)}`
        : "has no .grad of its shape, though gradients were sent to it",
  },
  place: p => ` See ${p}.`,
  predict: {
    label: "Your prediction",
    check: "Check",
    show: "Show me",
    forward: (op, ins, out) => `Predict: ${op} of ${ins}. What is ${out}?`,
    of: (op, ins) => `${op} of ${ins}`,
    slopeHere: own => `a slope of ${own}`,
    sent: (to, up, hint) => `Predict: the upstream gradient is ${up}, at ${hint}. What is sent to ${to}?`,
    sum: (to, before, up, hint) =>
      `Predict: ${to} was sent ${before} before. Now the upstream gradient is ${up}, at ${hint}. ` +
      `What is the sum for ${to}?`,
    right: v => `Right: ${v}.`,
    theirs: (v, place) => `Right: ${v}. Your framework says something else: see ${place}.`,
    framework: v => `That is what your framework says, but measured is ${v}.`,
    path: v => `That is one path only: a tensor with several uses gets the sum of all paths, ${v}.`,
    slope: v => `That is the slope alone, not multiplied by the upstream gradient. Together: ${v}.`,
    upstream: v => `That is the upstream gradient alone, not multiplied by the slope. Together: ${v}.`,
    sign: v => `The size is right, the sign is not: ${v}.`,
    one: v => `That is one element's part, not summed: a stretched tensor gets the sum of all its copies, ${v}.`,
    wrong: v => `Not this time: it is ${v}.`,
    number: "Type a number, such as 0.5.",
    shown: v => `It is ${v}.`,
    on: "Prediction is on.",
    off: "Prediction is off.",
  },
  view: "Show",
  overview: "Overview",
  all: "All operations",
  open: "Open this part",
  operations: n => `${n} ${n === 1 ? "operation" : "operations"}`,
  none: "There is no disagreement.",
  help: [
    ["→ ←", "one step on or back"],
    ["Home, End", "the first and the last step"],
    ["Space", "play and pause"],
    ["F, B", "where forward and backward begin"],
    ["G", "the first disagreement with a measurement"],
    ["P", "predict one number before each step, on or off"],
    ["D", "dark or light"],
    ["?", "this help"],
    ["Swipe", "a step, on the drawing; tap a part to open it"],
  ],
  close: "Close",
  legend: "Boxes are tensors, rounded boxes operations. A double red line disagrees with its measurement.",
};

const F = JSON.parse(document.getElementById("facts").textContent);
for (const [kind, defaults] of Object.entries(F.defaults)) {
  const entries = kind === "edges" ? F.events.flatMap(event => event.edges) : F[kind];
  for (const entry of entries) Object.assign(entry, {...defaults, ...F.kinds[entry.kind], ...entry});
}
for (const event of F.events) for (const edge of event.edges) edge.shape ??= F.tensors[edge.to].shape;
const edgesOf = (id, op) => [...op.in.map(n => [`t${n}`, id]), [id, `t${op.out}`]];
for (const view of Object.values(F.views)) {
  const drawn = view.n.filter(([id]) => id[0] === "o"),
    edges = view.e || drawn.flatMap(([id]) => edgesOf(id, F.ops[id.slice(1)]));
  view.e = edges.map(([from, to, points], n) => [from, to, points || view.bent?.[n]?.[0] || []]);
}
const T = F.tensors,
  O = F.ops;
const svgNames = "http://www.w3.org/2000/svg";
const state = {s: 0, p: true, d: "", v: "", play: 0};
const answered = {};

function make(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(svgNames, tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}
const shape = sizes => `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
const at = bad => (bad.at && bad.at.length ? ` at [${bad.at.join(", ")}]` : "");
const size = sizes => sizes.reduce((a, b) => a * b, 1);
function show(data, sizes, most = 4, few = 3) {
  if (!data) return "–";
  if (!sizes.length) return String(data[0]);
  const whole = size(sizes);
  if (whole > Math.min(most, data.length)) {
    const start = data.slice(0, few);
    return `[${start.join(", ")}${start.length ? ", " : ""}…]`;
  }
  const nest = (from, axis) => {
    if (axis === sizes.length) return String(data[from]);
    const step = size(sizes.slice(axis + 1));
    return `[${Array.from({length: sizes[axis]}, (_, i) => nest(from + i * step, axis + 1)).join(", ")}]`;
  };
  return nest(0, 0);
}

// The steps: the leaves, every operation forward, the beginning of backward, every call of a backward, the end.
const steps = [{kind: "start", text: TEXT.start}];
O.forEach((op, o) =>
  steps.push({
    kind: "forward",
    o,
    text: TEXT.forward(op.name, names(op.in), T[op.out].name, show(T[op.out].data, T[op.out].shape)),
  }),
);
const firstBack = steps.length,
  L = T[F.loss];
steps.push({
  kind: "begin",
  text: TEXT.begin(
    L.name,
    show(
      L.data.map(() => 1),
      L.shape,
    ),
  ),
});
for (const event of F.events) steps.push({kind: "back", o: event.op, event, text: told(event), bad: troubles(event)});
const ends = T.map((t, i) => [t, i]).filter(([t]) => t.bad);
const last = {
  kind: "end",
  text: F.error ? TEXT.stopped(F.error) : TEXT.ended,
  bad: ends.map(([t]) => `${t.name}: ${TEXT.bad[t.bad.kind](t.bad)}.${TEXT.place(t.bad.place)}`),
};
steps.push(last);
const firstBad = steps.findIndex(step => step.bad && step.bad.length);

function names(ids) {
  return ids.map(i => T[i].name).join(" and ");
}
function told(event) {
  const op = O[event.op],
    out = T[op.out];
  let text = TEXT.back(op.name, out.name, show(event.arrived, out.shape));
  for (const edge of event.edges) text += TEXT.sent(T[edge.to].name, sentence(event, edge));
  return text;
}
function sentence(event, edge) {
  const to = T[edge.to],
    op = O[event.op];
  if (!edge.sent) return TEXT.nothing;
  const axes = op.stretched ? op.stretched[edge.in] : [];
  let text = show(edge.sent, edge.shape || to.shape);
  if (edge.local && size(to.shape) === 1 && event.arrived.length === 1 && !edge.bad)
    text = TEXT.product(show(edge.local, to.shape), show(event.arrived, T[op.out].shape), text);
  if (axes.length) text += `, ${TEXT.summed(axes)}`;
  if (edge.of > 1) text += `; ${TEXT.uses(edge.got, edge.of)}, ${show(total(edge), to.shape)}`;
  return text;
}
function total(edge) {
  return edge.sum || edge.sent;
}
function troubles(event) {
  const op = O[event.op],
    found = [];
  for (const bad of event.bad)
    found.push(`${op.name}: ${TEXT.bad[bad.kind](bad)}.${TEXT.place(bad.place || op.place)}`);
  for (const edge of event.edges)
    if (edge.bad)
      found.push(`${op.name} to ${T[edge.to].name}: ${TEXT.bad[edge.bad.kind](edge.bad)}.${TEXT.place(op.place)}`);
  if (event.error)
    found.push(
      `${op.name}: ${event.error.task ? TEXT.waits(event.error.task) : event.error.message}.` + TEXT.place(op.place),
    );
  return found;
}

// What is known at a step: which results, and the gradients so far.
function known(s) {
  const results = new Set(),
    grads = {},
    uses = {};
  T.forEach((t, i) => {
    if (t.leaf) results.add(i);
  });
  for (let i = 1; i <= s; i++) {
    const step = steps[i];
    if (step.kind === "forward") results.add(O[step.o].out);
    if (step.kind === "begin") {
      grads[F.loss] = L.data.map(() => 1);
      uses[F.loss] = 1;
    }
    if (step.kind === "back")
      for (const edge of step.event.edges) {
        if (edge.sent) grads[edge.to] = total(edge);
        uses[edge.to] = edge.got;
      }
  }
  return {results, grads, uses};
}

// One number of a step to predict; null where there is none.
const EASY = new Set([
  "Add",
  "Subtract",
  "Multiply",
  "Divide",
  "Negate",
  "Sum",
  "Mean",
  "Abs",
  "ReLU",
  "Max",
  "Min",
  "MatMul",
  "Maximum",
  "Minimum",
]);
function inputs(op) {
  return op.in
    .map(n => (/^-?[\d.e]+$/.test(T[n].name) ? T[n].name : `${T[n].name} = ${show(T[n].data, T[n].shape, 6)}`))
    .join(" and ");
}
function easy(op) {
  return EASY.has(op.name) && [op.out, ...op.in].every(n => size(T[n].shape) <= 6);
}
function question(step) {
  const element = (name, i, sizes) => {
    const index = [];
    for (let axis = sizes.length - 1, rest = i; axis >= 0; axis--) {
      index.unshift(rest % sizes[axis]);
      rest = Math.floor(rest / sizes[axis]);
    }
    return index.length ? `${name}[${index.join(", ")}]` : name;
  };
  const first = data =>
    Math.max(
      0,
      data.findIndex(v => typeof v === "number" && v !== 0),
    );
  if (step.kind === "forward") {
    const op = O[step.o],
      out = T[op.out];
    if (!easy(op)) return null;
    const i = first(out.data);
    if (typeof out.data[i] !== "number") return null;
    return {
      text: TEXT.predict.forward(op.name, inputs(op), element(out.name, i, out.shape)),
      answer: out.data[i],
      wrong: [[-out.data[i], TEXT.predict.sign]],
    };
  }
  if (step.kind !== "back") return null;
  const {event} = step,
    op = O[event.op],
    out = T[op.out];
  const edges = event.edges.filter(
    e => e.sent && (!e.bad || ["value", "none"].includes(e.bad.kind)) && e.sent.length,
  );
  const stretch = e => op.stretched && op.stretched[e.in].length > 0;
  const edge = edges.find(e => e.bad) || edges.find(e => e.got > 1) || edges.find(stretch) || edges[0];
  if (!edge) return null;
  const to = T[edge.to],
    summed = edge.got > 1 && edge.sum && !edge.bad;
  const values = edge.bad && edge.measured ? edge.measured : summed ? edge.sum : edge.sent;
  let i = first(values);
  if (edge.bad && edge.measured)
    i = Math.max(
      0,
      values.findIndex((v, n) => typeof v === "number" && v !== edge.sent[n]),
    );
  const answer = values[i],
    same = size(to.shape) === size(out.shape) && !stretch(edge);
  const up = same ? event.arrived[i] : show(event.arrived, out.shape),
    own = edge.local ? edge.local[i] : null;
  if (typeof answer !== "number" || (!same && size(out.shape) > 6) || (own === null && !easy(op))) return null;
  const name = element(to.name, i, to.shape),
    wrong = [],
    p = TEXT.predict;
  const add = (v, text) => {
    if (typeof v === "number" && !near(v, answer)) wrong.push([v, text]);
  };
  if (edge.bad) add(edge.sent[i], p.framework);
  if (summed) {
    add(edge.sent[i], p.path);
    add(answer - edge.sent[i], p.path);
  }
  if (stretch(edge)) {
    const other = op.in.length === 2 ? T[op.in[1 - edge.in]] : null;
    event.arrived.forEach((g, k) => {
      add(g, p.one);
      if (other && other.data.length === event.arrived.length) add(g * other.data[k], p.one);
    });
  } else {
    add(own, p.slope);
    if (same) add(event.arrived[i], p.upstream);
  }
  add(-answer, p.sign);
  const hint = easy(op) ? TEXT.predict.of(op.name, inputs(op)) : TEXT.predict.slopeHere(own);
  const text = summed ? p.sum(name, round(answer - edge.sent[i]), up, hint) : p.sent(name, up, hint);
  return {text, answer, wrong, bad: edge.bad, place: op.place};
}
function round(value) {
  return Number(value.toPrecision(5));
}
function near(a, b) {
  return Math.abs(a - b) <= 0.006 * Math.max(Math.abs(a), Math.abs(b)) + 1e-9;
}
function open(s) {
  return state.p && !(s in answered) && question(steps[s]) !== null;
}
function check(text) {
  const asked = question(steps[state.s]),
    p = TEXT.predict,
    guess = Number(text.trim().replace(",", ".").replace("−", "-"));
  if (!text.trim() || Number.isNaN(guess)) return say(p.number);
  const wrong = near(guess, asked.answer) ? null : asked.wrong.find(([value]) => near(guess, value));
  answered[state.s] = near(guess, asked.answer)
    ? asked.bad
      ? p.theirs(asked.answer, asked.place)
      : p.right(asked.answer)
    : (wrong ? wrong[1] : p.wrong)(asked.answer);
  draw();
}

// The page.
const $ = {};
function build() {
  document.title = TEXT.title(L.name);
  const bar = make("nav", {class: "bar", "aria-label": TEXT.bar});
  $.buttons = {};
  for (const [key, text] of Object.entries(TEXT.buttons))
    bar.append(
      ($.buttons[key] = make(
        "button",
        {type: "button", "aria-keyshortcuts": key === " " ? "Space" : key, click: () => act(key)},
        text,
      )),
    );
  $.slider = make("input", {
    type: "range",
    min: 0,
    max: steps.length - 1,
    "aria-label": TEXT.slider,
    input: () => go(Number($.slider.value)),
  });
  bar.append($.slider);
  $.say = make("p", {class: "say"});
  $.trouble = make("ul", {class: "trouble"});
  $.ask = make("div", {class: "ask"});
  $.parts = make("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": TEXT.now});
  $.live = make("p", {class: "live", role: "status", "aria-live": "polite"});
  $.steps = make("ol", {class: "steps", start: 0});
  $.items = steps.map((step, s) => {
    const item = make(
      "li",
      step.bad && step.bad.length ? {class: "bad"} : {},
      make(
        "button",
        {
          type: "button",
          click: () => {
            answered[s] = answered[s] || "";
            go(s);
          },
        },
        step.text,
      ),
      ...(step.bad || []).map(text => make("p", {}, text)),
    );
    return item;
  });
  let fold = null;
  const large = F.groups.length > 0;
  steps.forEach((step, s) => {
    const group = large && step.o !== undefined ? F.groups[O[step.o].group] : null;
    if (group === null || group === undefined) {
      fold = null;
      $.steps.append($.items[s]);
      return;
    }
    if (!fold || fold.group !== group || fold.kind !== step.kind) {
      const list = make("ol", {start: s});
      fold = {
        group,
        kind: step.kind,
        list,
        details: make("details", {open: steps.length <= 80}, make("summary", {}, ""), list),
      };
      $.steps.append(make("li", {class: "fold", value: s}, fold.details));
    }
    fold.list.append($.items[s]);
    fold.details.firstChild.textContent = `${group}: ${fold.list.children.length} × ${step.kind}`;
    $.items[s].details = fold.details;
  });
  $.rows = T.map((t, i) =>
    make(
      "tr",
      {},
      make("th", {scope: "row"}, t.name),
      make("td", {}, shape(t.shape)),
      make("td"),
      make("td"),
      make("td"),
    ),
  );
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...TEXT.columns.map(name => make("th", {scope: "col"}, name)))),
    make("tbody", {}, ...$.rows),
  );
  $.views = make("p", {class: "views"});
  $.svg = make("div", {class: "drawing", tabindex: 0, role: "group", "aria-label": TEXT.drawn});
  const bads = steps.filter(step => step.bad && step.bad.length && !(step.event && step.event.error)).length;
  document.body.append(
    make(
      "header",
      {},
      make("h1", {}, TEXT.title(L.name)),
      make(
        "p",
        {},
        TEXT.about(F.script, O.length, F.events.length) +
          " " +
          [bads && TEXT.differ(bads), F.error && TEXT.stopped(F.error), !bads && !F.error && TEXT.agree]
            .filter(Boolean)
            .join(" "),
      ),
    ),
    bar,
    make(
      "main",
      {},
      make(
        "section",
        {class: "now", "aria-label": TEXT.now},
        make("h2", {}, TEXT.now),
        $.say,
        $.ask,
        $.trouble,
        $.parts,
        $.live,
      ),
      make(
        "section",
        {class: "picture", "aria-label": TEXT.drawing},
        make("h2", {}, TEXT.drawing),
        $.views,
        $.svg,
        make("p", {class: "legend"}, TEXT.legend),
      ),
      make("section", {class: "list", "aria-label": TEXT.steps}, make("h2", {}, TEXT.steps), $.steps),
      make(
        "section",
        {class: "table", "aria-label": TEXT.tensors},
        make("h2", {}, TEXT.tensors),
        make("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": TEXT.tensors}, table),
      ),
    ),
  );
  $.help = make(
    "dialog",
    {"aria-label": TEXT.buttons["?"]},
    make("h2", {}, TEXT.buttons["?"]),
    make("dl", {}, ...TEXT.help.flatMap(([key, text]) => [make("dt", {}, key), make("dd", {}, text)])),
    make("button", {type: "button", click: () => $.help.close()}, TEXT.close),
  );
  document.body.append($.help);
  let x = null;
  $.svg.addEventListener(
    "touchstart",
    event => {
      x = event.touches.length === 1 ? [event.touches[0].clientX, $.svg.scrollLeft] : null;
    },
    {passive: true},
  );
  $.svg.addEventListener(
    "touchend",
    event => {
      if (x === null || $.svg.scrollLeft !== x[1]) return;
      const moved = event.changedTouches[0].clientX - x[0];
      if (Math.abs(moved) > 40) act(moved < 0 ? "ArrowRight" : "ArrowLeft");
    },
    {passive: true},
  );
}

function say(text) {
  $.live.textContent = text;
}
function draw() {
  const s = state.s,
    step = steps[s],
    asking = open(s),
    now = known(asking ? s - 1 : s);
  $.slider.value = s;
  $.slider.setAttribute("aria-valuetext", TEXT.counted(s, steps.length - 1));
  $.say.textContent = asking ? question(step).text : step.text;
  $.ask.replaceChildren();
  if (asking) {
    const input = make("input", {type: "text", inputmode: "decimal", autocomplete: "off", id: "guess"});
    $.ask.append(
      make(
        "form",
        {
          submit: event => {
            event.preventDefault();
            check(input.value);
          },
        },
        make("label", {for: "guess"}, TEXT.predict.label + " "),
        input,
        make("button", {type: "submit"}, TEXT.predict.check),
        make("button", {type: "button", click: reveal}, TEXT.predict.show),
      ),
    );
  } else if (answered[s]) $.ask.append(make("p", {class: "answer"}, answered[s]));
  $.trouble.replaceChildren(...(asking ? [] : step.bad || []).map(text => make("li", {}, text)));
  $.trouble.hidden = !$.trouble.children.length; // an empty list is read out, too
  $.parts.replaceChildren();
  $.parts.hidden = asking || step.kind !== "back" || !step.event.edges.length;
  if (!$.parts.hidden) $.parts.append(parts(step.event));
  say(
    [asking || !answered[s] ? "" : answered[s], $.say.textContent, ...(asking ? [] : step.bad || [])]
      .join(" ")
      .trim(),
  );
  document.querySelectorAll("[aria-current]").forEach(node => node.removeAttribute("aria-current"));
  $.items[s].firstChild.setAttribute("aria-current", "step");
  if ($.items[s].details) $.items[s].details.open = true;
  const top = $.items[s].offsetTop - $.steps.offsetTop;
  if (top < $.steps.scrollTop || top > $.steps.scrollTop + $.steps.clientHeight - 60) $.steps.scrollTop = top - 60;
  T.forEach((t, i) => {
    const cells = $.rows[i].children;
    const texts = [
      now.results.has(i) ? show(t.data, t.shape, 12, 6) : "",
      t.needs ? show(now.grads[i], t.shape, 12, 6) : "",
      t.needs ? `${now.uses[i] || 0} / ${t.uses}` : "",
    ];
    texts.forEach((text, n) => {
      if (cells[n + 2].textContent !== text) cells[n + 2].textContent = text;
    });
  });
  $.buttons.p.setAttribute("aria-pressed", state.p);
  $.buttons.d.setAttribute("aria-pressed", dark());
  $.buttons[" "].textContent = state.play ? TEXT.stop : TEXT.buttons[" "];
  document.documentElement.className = state.d;
  const parts_ = [`s=${s}`, `p=${state.p ? 1 : 0}`, state.d && `d=${state.d}`, state.v && `v=${state.v}`].filter(
    Boolean,
  );
  if (location.hash !== "#" + parts_.join("&")) history.replaceState(null, "", "#" + parts_.join("&"));
  picture(step, now, asking);
}
function parts(event) {
  const op = O[event.op],
    out = T[op.out],
    rows = event.edges.map(edge => {
      const to = T[edge.to],
        axes = op.stretched ? op.stretched[edge.in] : [];
      return make(
        "tr",
        {class: edge.bad ? "bad" : ""},
        make("th", {scope: "row"}, to.name),
        ...[
          show(edge.local, to.shape),
          show(event.arrived, out.shape),
          (edge.sent ? show(edge.sent, edge.shape) : TEXT.nothing) + (axes.length ? `, ${TEXT.summed(axes)}` : ""),
          edge.bad
            ? edge.measured
              ? show(edge.measured, to.shape)
              : TEXT.bad[edge.bad.kind](edge.bad)
            : edge.seen
              ? TEXT.same
              : "–",
          show(total(edge), to.shape),
          `${edge.got} / ${edge.of}`,
        ].map(text => make("td", {}, text)),
      );
    });
  return make(
    "table",
    {},
    make("caption", {}, op.rule),
    make("thead", {}, make("tr", {}, ...TEXT.parts.map(name => make("th", {scope: "col"}, name)))),
    make("tbody", {}, ...rows),
  );
}
function reveal() {
  answered[state.s] = TEXT.predict.shown(question(steps[state.s]).answer);
  draw();
}
function go(s) {
  state.s = Math.max(0, Math.min(steps.length - 1, s));
  draw();
}
function jump(s) {
  answered[s] = answered[s] || "";
  go(s);
}
function dark() {
  return state.d === "dark" || (!state.d && matchMedia("(prefers-color-scheme: dark)").matches);
}
function pause() {
  clearInterval(state.play);
  state.play = 0;
}
function act(key) {
  if (key !== " ") pause();
  if (key === "ArrowRight") open(state.s) ? reveal() : go(state.s + 1);
  else if (key === "ArrowLeft") go(state.s - 1);
  else if (key === "Home") jump(0);
  else if (key === "End") jump(steps.length - 1);
  else if (key === "f") jump(0);
  else if (key === "b") jump(firstBack);
  else if (key === "g") firstBad < 0 ? say(TEXT.none) : jump(firstBad);
  else if (key === "p") {
    state.p = !state.p;
    draw();
    say(state.p ? TEXT.predict.on : TEXT.predict.off);
  } else if (key === "d") {
    state.d = dark() ? "light" : "dark";
    draw();
  } else if (key === "?") $.help.open ? $.help.close() : $.help.showModal();
  else if (key === " ") {
    if (state.play) pause();
    else
      state.play = setInterval(() => {
        if (state.s === steps.length - 1) pause();
        else state.s++;
        answered[state.s] = answered[state.s] || "";
        draw();
      }, 1200);
    draw();
  }
}
// The drawing: made from the same facts as the list, and hidden from screen readers.
const WIDE = {rank: 186, place: 80},
  NARROW = {rank: 96, place: 140},
  BOX = [136, 50],
  PILL = [96, 30];
function picture(step, now, asking) {
  const name = F.views[state.v] ? state.v : F.views.all ? "all" : "over",
    view = F.views[name];
  const narrow = matchMedia("(max-width: 600px)").matches,
    unit = narrow ? NARROW : WIDE;
  const spot = (rank, place) =>
    narrow ? [place * unit.place + 70, rank * unit.rank + 32] : [rank * unit.rank + 70, place * unit.place + 34];
  const places = {};
  for (const [id, rank, place] of view.n) places[id] = spot(rank, place);
  const svg = make("svg:svg", {"aria-hidden": "true"}),
    wires = make("svg:g"),
    nodes = make("svg:g"),
    labels = make("svg:g");
  svg.append(wires, nodes, labels);
  const event = step.event,
    active = step.o;
  const seen = {},
    waiting = {}; // the last edge to each input so far, and operations whose backward failed
  for (let i = 0; i <= (asking ? state.s - 1 : state.s); i++)
    if (steps[i].event) {
      for (const edge of steps[i].event.edges) seen[`${steps[i].o} ${edge.in}`] = edge;
      if (steps[i].event.error) waiting[steps[i].o] = steps[i].event.error;
    }
  const used = {};
  view.e.forEach(([from, to, points]) => {
    const path = [places[from], ...points.map(point => spot(...point)), places[to]];
    let slot = null,
      edge = null,
      o = null;
    if (to[0] === "o") {
      // the n-th wire between the same two is the n-th use
      o = Number(to.slice(1));
      const key = from + to,
        uses = O[o].in.map((t, i) => [t, i]).filter(([t]) => `t${t}` === from);
      slot = uses[(used[key] = (used[key] ?? -1) + 1)][1];
      edge = seen[`${o} ${slot}`];
    }
    const bent = slot !== null && used[from + to] > 0 ? 14 * used[from + to] : 0;
    const line = wire(path, narrow, bent),
      current = active === o && o !== null && !asking && step.kind === "back" && edge;
    const kind =
      edge && edge.bad
        ? "wrong"
        : current
          ? "active"
          : (edge ? edge.sent : o === null && now.grads[Number((from[0] === "t" ? from : to).slice(1))])
            ? "flowed"
            : "";
    wires.append(make("svg:path", {d: line, class: `wire ${kind}`}));
    if (kind === "wrong") wires.append(make("svg:path", {d: line, class: "gap"}));
    const axes = o !== null && O[o].stretched ? O[o].stretched[slot] : [];
    if (axes.length) fan(wires, path, narrow, edge);
    if (current || (edge && edge.bad)) {
      const [x, y] = middle(path, bent, narrow),
        few = values => brief(values, edge.shape),
        text = edge.bad
          ? TEXT.bad[edge.bad.kind](edge.bad)
          : edge.local && T[edge.to].shape.length === 0 && event.arrived.length === 1
            ? `${few(edge.local)} × ${few(event.arrived)} = ${few(edge.sent)}`
            : (axes.length ? "Σ " : "") + (edge.sent ? few(edge.sent) : TEXT.nothing);
      const high = text.length > 12 && !narrow; // too wide for the gap: over the boxes
      labels.append(
        make(
          "svg:text",
          {
            x,
            y: high ? Math.min(y, path[path.length - 2][1]) - 31 : y - 11,
            "text-anchor": "middle",
            class: edge.bad ? "label off" : "label",
          },
          cut(text, 30),
        ),
      );
    }
  });
  let focus = null;
  for (const [id] of view.n) {
    const [x, y] = places[id],
      n = Number(id.slice(1));
    if (id[0] === "t") {
      const t = T[n],
        on =
          (step.kind === "back" && !asking && event.edges.some(edge => edge.to === n)) ||
          (step.kind === "forward" && O[active].out === n);
      const lines = [
        [cut(t.name, 17), "name"],
        [now.results.has(n) ? cut(brief(t.data, t.shape), 20) : "", ""],
      ];
      if (t.needs && now.grads[n])
        lines.push([
          cut(`∂ ${brief(now.grads[n], t.shape)}` + (t.uses > 1 ? `  ${now.uses[n]}/${t.uses}` : ""), 19),
          "grad",
        ]);
      else if (t.needs && now.uses[n] && t.uses > 1) lines.push([`${now.uses[n]}/${t.uses}`, "grad"]);
      nodes.append(box(x, y, BOX, t.bad && step.kind === "end" ? "box waits" : on ? "box now" : "box", 4, lines));
    } else if (id[0] === "o") {
      const on = active === n,
        error = waiting[n];
      const lines =
        error && error.task
          ? [
              [O[n].name, "name"],
              [TEXT.waits(error.task), ""],
            ]
          : [[O[n].name, "name"]];
      const node = box(
        x,
        y,
        error ? [124, 42] : [Math.max(PILL[0], 9 * O[n].name.length + 16), PILL[1]],
        `op ${on ? "now" : ""} ${error ? "waits" : ""}`,
        15,
        lines,
      );
      node.classList.add("tap");
      node.addEventListener("click", () => jump(1 + n));
      nodes.append(node);
      if (on) focus = [x, y];
    } else {
      const ops = O.filter(op => op.group === n),
        on = active !== undefined && O[active].group === n;
      const off = steps
        .slice(0, state.s + 1)
        .some(one => one.bad && one.bad.length && one.o !== undefined && O[one.o].group === n);
      const node = box(x, y, BOX, `group ${on ? "now" : ""} ${off ? "waits" : ""}`, 10, [
        ...F.groups[n].split(", ").map(part => [cut(part, 18), "name"]),
        [TEXT.operations(ops.length), ""],
      ]);
      node.classList.add("tap");
      node.addEventListener("click", () => look(`g${n}`));
      nodes.append(node);
      if (on) focus = [x, y];
    }
  }
  const all = [
    ...view.n.map(([, rank, place]) => spot(rank, place)),
    ...view.e.flatMap(([, , points]) => points.map(point => spot(...point))),
  ];
  const width = Math.max(...all.map(([x]) => x)) + 72,
    height = Math.max(...all.map(([, y]) => y)) + 40;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  $.svg.replaceChildren(svg);
  if (focus) $.svg.scrollTo(focus[0] - $.svg.clientWidth / 2, focus[1] - $.svg.clientHeight / 2);
  const choices = [
    ["all", TEXT.all],
    ["over", TEXT.overview],
    ...F.groups.map((group, n) => [`g${n}`, group]),
  ].filter(([id]) => F.views[id]);
  $.views.hidden = choices.length < 2;
  if ($.views.hidden) return;
  if (!$.choice) {
    $.choice = make(
      "select",
      {id: "view", change: () => look($.choice.value)},
      ...choices.map(([id, text]) => make("option", {value: id}, text)),
    );
    $.views.append(make("label", {for: "view"}, TEXT.view + " "), $.choice);
  }
  $.choice.value = name;
}
function brief(data, sizes) {
  return show(
    data.map(v => (typeof v === "number" ? Number(v.toPrecision(3)) : v)),
    sizes,
    2,
    2,
  );
}
function look(view) {
  state.v = view;
  draw();
}
function cut(text, most) {
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
}
function wire(path, narrow, bent) {
  let line = `M${path[0].join(" ")}`;
  for (let i = 1; i < path.length; i++) {
    const [a, b] = path[i - 1],
      [c, d] = path[i],
      half = narrow ? (b + d) / 2 : (a + c) / 2;
    line += narrow
      ? `C${a + bent} ${half} ${c + bent} ${half} ${c} ${d}`
      : `C${half} ${b + bent} ${half} ${d + bent} ${c} ${d}`;
  }
  return line;
}
function middle(path, bent, narrow) {
  const last = path.length - 1,
    [a, b] = path[last - 1],
    [c, d] = path[last];
  return [(a + c) / 2 + (narrow ? bent : 0), (b + d) / 2 + (narrow ? 0 : bent)];
}
function fan(wires, path, narrow, edge) {
  // copies on the way forward, a bracket that sums them on the way back
  const [x, y] = middle(path, 0, narrow);
  const along = edge
    ? narrow
      ? "M-9 4v5h18v-5"
      : "M4 -9h5v18h-5"
    : narrow
      ? "M0 -8L-8 8M0 -8V8M0 -8L8 8"
      : "M-8 0L8 -8M-8 0H8M-8 0L8 8";
  wires.append(make("svg:path", {d: along, transform: `translate(${x} ${y})`, class: edge ? "wire flowed" : "wire"}));
}
function box(x, y, [width, height], kind, round, lines) {
  const node = make(
    "svg:g",
    {},
    make("svg:rect", {x: x - width / 2, y: y - height / 2, width, height, rx: round, class: kind}),
  );
  lines = lines.filter(([text]) => text);
  lines.forEach(([text, style], i) =>
    node.append(
      make(
        "svg:text",
        {x, y: y + 4.5 + (i - (lines.length - 1) / 2) * 15, "text-anchor": "middle", class: style},
        text,
      ),
    ),
  );
  return node;
}
function load() {
  const given = new URLSearchParams(location.hash.slice(1));
  state.p = given.get("p") !== "0";
  state.d = ["dark", "light"].includes(given.get("d")) ? given.get("d") : "";
  state.v = F.views[given.get("v")] ? given.get("v") : "";
  go(Number.parseInt(given.get("s"), 10) || 0);
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || ($.help.open && event.key !== "?")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key,
    target = event.target;
  if (target.id === "guess" && target.value) return;
  if ((target.tagName === "BUTTON" || target.tagName === "SUMMARY") && key === " ") return;
  const guess = document.getElementById("guess");
  if (guess && /^[-\d.]$/.test(key)) return guess.focus();
  if (key in TEXT.buttons) {
    event.preventDefault();
    act(key);
  }
});
addEventListener("hashchange", load);
matchMedia("(max-width: 600px)").addEventListener("change", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
build();
load();
"""
