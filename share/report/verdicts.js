/* Whether the groups differ: the words and numbers of `distribooze compare`. */

const onlyIf = "if the flows of a host or an input are independent";
const verdictMarks = { "empty": ["–", "nothing to compare"], "few-sessions": ["few", "too few sessions to say"], "no-test": ["", "no test"], "differ": ["*", "they differ"], "differ-little": ["+", "they differ, but by little"], "differ-if": ["?", "they differ, " + onlyIf], "differ-little-if": ["?", "they differ, " + onlyIf], "no-difference-shown": ["·", "no difference shown"], "alike": ["=", "alike within the limit asked for"] };
const verdictFill = { "differ": 0.6, "differ-if": 0.45, "differ-little": 0.3, "differ-little-if": 0.3 };
const binText = (bin) => (bin.side ? bin.side + " " : "") + bin.from + (bin.to === undefined ? " and more" : "–" + bin.to) + " B";
const share = (value) => percent(value * WHOLE);

function pairCell(pair) {
	const [mark] = verdictMarks[pair.verdict];
	return pair.told_apart === undefined || pair.verdict === "few-sessions" || pair.verdict === "empty" ? mark : Math.round(pair.told_apart * 100) + mark;
}

/* The bins in which the means of a pair lie apart, both shares as bars. */
function whereTable(pair) {
	const body = make("tbody");
	for (const bin of pair.where) {
		const row = make("tr", set(make("th", binText(bin)), { scope: "row" }));
		for (const value of bin.shares) {
			const bar = make("i.bar");
			bar.style.setProperty("--w", (100 * value).toFixed(1) + "%");
			row.append(make("td.share", make("span.amount", share(value)), bar));
		}
		body.append(row);
	}
	const head = make("tr", set(make("th", "Bytes"), { scope: "col" }), set(make("th", named(pair.a)), { scope: "col" }), set(make("th", named(pair.b)), { scope: "col" }));
	return make("table.rows.where", make("caption", "Where the means differ: " + share(pair.where_share) + " of the difference is in these bins"), make("thead", head), body);
}

function onePair(pair) {
	const host = byId("verdict-body");
	host.append(make("p.verdict", named(pair.a), " and ", named(pair.b), ": ", make("strong", pair.text)));
	if (pair.where && pair.where.length)
		host.append(make("div.scroll", whereTable(pair)));
	if (data.verdicts.details)
		host.append(detailsTable(data.verdicts.details));
}

/* Lines of a name and what is behind it, further lines of the same, and lines without a name. */
function detailsTable(text) {
	const body = make("tbody");
	for (const line of text.trimEnd().split("\n")) {
		const [, name, value] = line.match(/^ {2}(\S.{0,10}?) {2,}(.*)$/) || [null, "", line.trim()];
		if (name || !line.startsWith("   "))
			body.append(make("tr", set(make("th", name), { scope: "row" }), make("td", value)));
		else
			body.lastChild.lastChild.append(make("br"), value);
	}
	return make("table.details", make("caption", "The numbers behind it"), body);
}

const pairOf = new Map();
const pairKey = (a, b) => JSON.stringify([a, b]);
const findPair = (a, b) => pairOf.get(pairKey(a, b)) || pairOf.get(pairKey(b, a));

function verdictMatrix(names) {
	const body = make("tbody");
	names.forEach((name, a) => {
		const row = make("tr", set(make("th", named(name)), { scope: "row", title: clean(name) }));
		names.forEach((other, b) => {
			const pair = a === b ? null : findPair(name, other);
			const cell = pair ? set(make("td." + pair.verdict, pairCell(pair)), { title: clean(name) + " and " + clean(other) + ": " + clean(pair.text) }) : make("td.self", "");
			row.append(cell);
		});
		body.append(row);
	});
	return make("table.matrix.verdicts" + (names.length > 14 ? ".wide" : ""), make("caption", make("span.hidden", "Told apart, in percent")), headOf(names, ""), body);
}

function pairTable(pairs) {
	const body = make("tbody");
	for (const pair of pairs)
		body.append(make("tr", set(make("th", named(pair.a), " and ", named(pair.b)), { scope: "row" }), make("td", pair.text)));
	return make("table.rows.pairs", body);
}

function manyPairs(pairs, names) {
	const legend = [...new Set(pairs.map((pair) => verdictMarks[pair.verdict].filter((text) => text).join(": ")))].join(", ");
	const worth = pairs.filter((pair) => pair.verdict in verdictFill).sort((a, b) => b.told_apart - a.told_apart);
	const words = make("details", make("summary", "All " + plural(pairs.length, "pair") + " in words"));
	words.addEventListener("toggle", () => {
		if (words.open && words.children.length === 1)
			words.append(make("div.scroll", pairTable(pairs)));
	});
	byId("verdict-about").append(data.verdicts.no_test ? " Numbers are in percent. " + legend + "." : " Numbers tell how often the nearest flow is of a flow's own group, in percent; chance is 50. " + legend + ". " + count(data.verdicts.permutations) + " splits of the sessions per pair, p corrected for all pairs (Holm).");
	byId("verdict-body").append(set(make("div.scroll", verdictMatrix(names)), { tabindex: "0", role: "region", "aria-label": "Matrix of verdicts" }));
	if (worth.length)
		byId("verdict-body").append(make("h3", "Told apart best"), make("div.scroll", pairTable(worth.slice(0, 5))));
	byId("verdict-body").append(words);
}

function verdictRows() {
	const rows = [["a", "b", "verdict", "p", "p_holm", "told_apart", "told_apart_low", "told_apart_high", ...(data.verdicts.no_test ? ["inputs_a", "inputs_b"] : ["sessions_a", "sessions_b"]), "text"]];
	for (const pair of data.verdicts.pairs)
		rows.push([pair.a, pair.b, pair.verdict, pair.p, pair.p_holm, pair.told_apart, ...(pair.told_apart_interval || ["", ""]), ...(pair.sessions || pair.inputs || ["", ""]), pair.text]);
	return rows;
}

function verdictSvg(names) {
	return gridSvg("Told apart, in percent; chance is 50. * they differ, + by little, ? " + onlyIf + ", · no difference shown", names, names, (a, b) => {
		const pair = a === b ? null : findPair(names[a], names[b]);
		return pair ? { fill: mixed(paper.empty, paper.destination, verdictFill[pair.verdict] || 0), text: pairCell(pair) } : {};
	}, { wide: 44 });
}

function drawVerdicts() {
	const verdicts = data.verdicts;
	const all = data.groups.length + data.groups_left_out;
	byId("verdict-about").textContent = verdicts.no_test && verdicts.pairs ? "How far apart are the " + groupWord + "s? No test: " + clean(verdicts.no_test) + ". Told apart is how often the nearest of as many flows, or inputs, of two " + groupWord + "s is of a flow's own, chance is 50 %" + directionText + "; flows of one input resemble each other, so that more is no difference by itself." : "Do the " + groupWord + "s differ? Sessions are shuffled between two groups, and the energy distance of their flows is held against that" + directionText + ". About these recordings: other hosts and other days are not averaged over.";
	if (!verdicts.pairs || !verdicts.pairs.length) {
		byId("verdict-about").textContent = all < 2 ? "There is one " + groupWord + " only: nothing to compare it with." : verdicts.no_test ? "No test: " + clean(verdicts.no_test) + "." : "No test.";
		return;
	}
	if (verdicts.groups < all)
		byId("verdict-about").append(" Of " + count(all) + " the " + count(verdicts.groups) + " largest.");
	const names = data.groups.slice(0, verdicts.groups).map((group) => group.name);
	for (const pair of verdicts.pairs)
		pairOf.set(pairKey(pair.a, pair.b), pair);
	if (verdicts.pairs.length === 1)
		onePair(verdicts.pairs[0]);
	else
		manyPairs(verdicts.pairs, names);
	offer("verdict", "Verdicts", verdictRows, () => verdictSvg(names));
}

// ---- the baseline ----

function driftRow(row) {
	const spread = row.inputs_distances;
	return make("tr", set(make("th", named(row.name)), { scope: "row" }), make("td.number", count(row.flows[0]) + " and " + count(row.flows[1])), make("td.number", distance(row.distance)),
		make("td.number", spread ? distance(spread[1]) : make("span.faint", "not known"), spread ? make("span.hint", distance(spread[0]) + " to " + distance(spread[2]) + ", " + plural(row.inputs, "input")) : null), make("td", row.text));
}

function driftRows() {
	return [[data.by, "verdict", "flows", "flows_baseline", "distance", "inputs", "inputs_median", "told_apart", "text"], ...data.baseline.groups.map((row) => [row.name, row.verdict, ...row.flows, row.distance, row.inputs, (row.inputs_distances || [])[1], row.told_apart, row.text])];
}

/* The distance of each group as a bar, that of the baseline's own inputs as a line over it. */
function driftSvg() {
	const most = Math.max(1e-9, ...data.baseline.groups.map((row) => Math.max(row.distance, (row.inputs_distances || [0]).at(-1))));
	const children = [svgText(12, 22, "Distance from the baseline; lines: the baseline's own inputs", { "font-size": 14, "font-weight": 600 })];
	data.baseline.groups.forEach((row, i) => {
		const y = 40 + 18 * i, x = (d) => 200 + 400 * d / most;
		children.push(svgText(192, y + 11, brief(row.name).slice(0, 28), { "text-anchor": "end" }), svg("rect", { x: 200, y, width: 400 * row.distance / most, height: 12, fill: paper.near }), svgText(610, y + 11, distance(row.distance)));
		if (row.inputs_distances)
			children.push(svg("line", { x1: x(row.inputs_distances[0]), x2: x(row.inputs_distances[2]), y1: y + 6, y2: y + 6, stroke: paper.ink }));
	});
	return svgFile(680, 52 + 18 * data.baseline.groups.length, "Distance from the baseline", children);
}

function drawDrift() {
	const drift = data.baseline;
	if (!drift) {
		dropSection("drift");
		return;
	}
	byId("drift-about").replaceChildren("How far each " + groupWord + " is from the one of its name in ", named(drift.name), ", beside how far the baseline's own inputs lie from their others. No test: libraries keep no sessions; flows of one input resemble each other, so that more than 50 % told apart is no drift by itself.");
	const head = make("tr", ...[[Group, "th"], ["Flows here and there", "th.number"], ["Distance", "th.number"], ["Its own inputs", "th.number"], ["In words", "th"]].map(([name, kind]) => set(make(kind, name), { scope: "col" })));
	byId("drift-table").append(make("table.rows.scores.drift", make("thead", head), make("tbody", ...drift.groups.map(driftRow))));
	for (const [what, names] of [["Only here: ", drift.only_here], ["Only in the baseline: ", drift.only_in_baseline]]) {
		if (!names.length)
			continue;
		const line = make("p.facts", what);
		names.slice(0, 20).forEach((name, i) => add(line, [i ? ", " : "", named(name)]));
		byId("drift-table").after(add(line, [names.length > 20 ? " and " + count(names.length - 20) + " more." : "."]));
	}
	if (drift.groups.length)
		offer("drift", "Drift", driftRows, driftSvg);
}
