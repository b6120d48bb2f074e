/* What a library says of the flows, and how sure that is. */

const verdictWords = ["label", "likely", "unsure", "unknown"];

function verdictBar(group) {
	const bar = set(make("div.stack"), { role: "img", "aria-label": verdictWords.map((word) => word + " " + count(group.verdicts[word])).join(", ") });
	for (const word of verdictWords) {
		if (!group.verdicts[word])
			continue;
		const part = set(make("i." + word), { title: word + ": " + plural(group.verdicts[word], "flow") });
		part.style.setProperty("--w", (100 * group.verdicts[word] / group.flows).toFixed(2) + "%");
		bar.append(part);
	}
	return bar;
}

const sure = (c) => c < 0.01 ? "< 1 %" : Math.round(c * 100) + " %";

function sureText(group) {
	if (!group.confidence)
		return make("span.faint", "not told");
	const [low, middle, high] = group.confidence;
	return make("span", sure(middle), low < high ? make("span.hint", "half of them " + sure(low) + " to " + sure(high)) : null);
}

function nearestList(group) {
	const cell = make("td.label");
	group.nearest.forEach((near, i) => add(cell, [i ? make("br") : null, near.label ? named(near.label) : make("span.faint", "nothing in common"), make("span.faint", " " + percent(near.flows / group.flows * WHOLE))]));
	return cell;
}

function scoreRow(group, index) {
	const row = make("tr", set(make("th", named(data.groups[index].name)), { scope: "row" }), make("td.number", count(group.flows)));
	if (!group.flows)
		return add(row, [make("td", make("span.faint", "no " + things)), make("td"), make("td"), make("td")]);
	const known = group.agree + group.disagree;
	return add(row, [make("td", verdictBar(group)), make("td.number", sureText(group)), nearestList(group),
		make("td.number", known ? count(group.agree) + " of " + count(known) : make("span.faint", "–"))]);
}

function scoreRows() {
	const rows = [[data.by, "flows", ...verdictWords, "confidence_p25", "confidence_p50", "confidence_p75", "agree", "disagree", "nearest"]];
	data.scores.groups.forEach((group, i) => rows.push([data.groups[i].name, group.flows, ...verdictWords.map((word) => group.verdicts[word]), ...(group.confidence || ["", "", ""]), group.agree, group.disagree, group.nearest.length ? group.nearest[0].label : ""]));
	return rows;
}

function scoreSvg() {
	const colours = { label: paper.source, likely: paper.near, unsure: mixed(paper.page, paper.near, 0.4), unknown: "#c5c9cb" };
	const children = [svgText(12, 22, "What " + clean(data.scores.library) + " says of the flows", { "font-size": 14, "font-weight": 600 })];
	verdictWords.forEach((word, i) => children.push(svg("rect", { x: 200 + 110 * i, y: 34, width: 10, height: 10, fill: colours[word] }), svgText(215 + 110 * i, 43, word)));
	data.scores.groups.forEach((group, g) => {
		let x = 200;
		children.push(svgText(192, 69 + 18 * g, brief(data.groups[g].name).slice(0, 28), { "text-anchor": "end" }));
		for (const word of verdictWords) {
			const wide = group.flows ? 400 * group.verdicts[word] / group.flows : 0;
			children.push(svg("rect", { x, y: 58 + 18 * g, width: wide, height: 14, fill: colours[word] }));
			x += wide;
		}
		children.push(svgText(608, 69 + 18 * g, group.confidence ? "confidence " + sure(group.confidence[1]) : "", { fill: paper.soft, "font-size": 10 }));
	});
	return svgFile(720, 70 + 18 * data.scores.groups.length, "Scores", children);
}

function drawScores() {
	const scores = data.scores;
	if (!scores) {
		dropSection("scores");
		return;
	}
	const about = scores.best === undefined
		? "It has no cells of two inputs: how sure it is cannot be told."
		: "Confidence is how often the nearest label was right at such a margin and distance when each of the library's inputs was left out in turn; flows of an input that it was made from can look surer than they are. " + sure(scores.best) + " is the highest that this library can give. Verdicts: label from 80 %, likely from 50 %, unsure below; unknown: farther off than 99 % of the library's own flows are from their label.";
	byId("scores-about").replaceChildren("What each " + groupWord + "'s flows look like by ", named(scores.library), ". " + about + exceptLibraries + leftOut());
	const head = make("tr");
	for (const [name, kind] of [[Group, "th"], ["Scored", "th.number"], ["Verdicts", "th"], ["Confidence", "th.number"], ["Nearest labels", "th"], [data.by === "label" ? "Own label is nearest" : "Name is nearest", "th.number"]])
		head.append(set(make(kind, name), { scope: "col" }));
	byId("score-table").append(make("table.rows.scores", make("thead", head), make("tbody", ...scores.groups.map(scoreRow))));
	byId("score-legend").append(...verdictWords.map((word) => make("span.key.verdict-" + word, make("span", word))));
	offer("scores", "Scores", scoreRows, scoreSvg);
}
