/* The distribution of each group in both directions; small pictures of any distribution. */
/* The bars of one side as one path: up from the line at y, or down with direction 1. */
function barPath(shares, most, y, height, direction) {
	let path = "";
	shares.forEach((share, column) => {
		if (!share)
			return;
		const size = Math.max(share / most * height, height * 0.012);
		path += "M" + (column + 0.06) + " " + y + "h.88v" + (direction * size).toFixed(3) + "h-.88z";
	});
	return path;
}

function mirror(sides, className, height) {
	const most = Math.max(1, ...sides.flat());
	const y = two ? height / 2 : height;
	const room = two ? height / 2 - 1 : height - 1;
	const picture = svg("svg", { class: className + (two ? "" : " single"), viewBox: "0 0 " + data.columns + " " + height, preserveAspectRatio: "none", "aria-hidden": "true" });
	picture.append(svg("path", { class: "bars-source", d: barPath(sides[0], most, y, room, -1) }));
	if (two)
		picture.append(svg("path", { class: "bars-destination", d: barPath(sides[1], most, y, room, 1) }));
	picture.append(svg("line", { class: "middle", x1: 0, x2: data.columns, y1: y, y2: y }));
	return picture;
}

/* From column, share, share, ... to one array per side. */
function spread(sparse) {
	const sides = Array.from({ length: data.parts }, () => new Array(data.columns).fill(0));
	for (let i = 0; i < sparse.length; i += 1 + data.parts)
		for (let part = 0; part < data.parts; part++)
			sides[part][sparse[i]] = sparse[i + 1 + part];
	return sides;
}

function shapeText(sides) {
	const sums = sides[0].map((share, column) => [share + (two ? sides[1][column] : 0), column]);
	sums.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
	return sums.slice(0, 3).filter((pair) => pair[0]).map((pair) => range(pair[1]) + " B: " + percent(pair[0])).join(", ");
}

const tiny = (sparse) => {
	if (!sparse || !sparse.length)
		return make("span.faint", "none");
	const sides = spread(sparse);
	const text = shapeText(sides);
	return set(make("div", mirror(sides, "tiny", 32), make("span.hidden", text)), { title: text });
};

function axis() {
	const host = make("div.axis");
	const step = tickStep(6);
	const mark = (column, className, text) => {
		const tick = make(className, text);
		tick.style.left = (100 * column / data.columns) + "%";
		host.append(tick);
	};
	const last = data.columns - 1;
	for (let c = 0; c === 0 || c <= last - step; c += step)
		mark(c, "span", String(c * columnBytes));
	mark(last, "span.last", last * columnBytes + "+"); // it has no end
	return host;
}

function numbersTable(sides) {
	const body = make("tbody");
	for (let c = 0; c < data.columns; c++) {
		if (!sides.some((side) => side[c]))
			continue;
		const row = make("tr", set(make("th", range(c)), { scope: "row" }));
		for (const side of sides)
			row.append(make("td.number", percent(side[c])));
		body.append(row);
	}
	const head = make("tr", set(make("th", "bytes"), { scope: "col" }));
	for (const name of two ? ["source", "destination"] : ["share"])
		head.append(set(make("th.number", name), { scope: "col" }));
	return make("table", make("thead", head), body);
}

function readSides(sides, column) {
	const text = range(column) + " bytes: ";
	return two ? text + "source " + percent(sides[0][column]) + ", destination " + percent(sides[1][column]) : text + percent(sides[0][column]);
}

function chart(sides) {
	const picture = mirror(sides, "profile", 100);
	const most = Math.max(...sides.flat());
	const scale = most ? "bars to " + percent(most) : "";
	const reading = make("span.peak.up", scale);
	const guide = svg("line", { class: "guide", y1: 0, y2: 100, x1: 0, x2: 0, visibility: "hidden" });
	picture.append(guide);
	picture.addEventListener("pointermove", (event) => {
		const box = picture.getBoundingClientRect();
		const column = Math.min(data.columns - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * data.columns)));
		set(guide, { x1: column + 0.5, x2: column + 0.5, visibility: "visible" });
		reading.textContent = readSides(sides, column);
	});
	picture.addEventListener("pointerleave", () => {
		guide.setAttribute("visibility", "hidden");
		reading.textContent = scale;
	});
	return make("div.chart", picture, axis(), reading);
}

function leading(group) {
	const line = make("p.facts", group.leading.length ? "Most: " : "No " + things + " were counted.");
	for (let i = 0; i < group.leading.length; i += 2)
		add(line, [i ? " · " : "", make("span.whole", binRange(group.leading[i]) + " " + percent(group.leading[i + 1] * WHOLE))]);
	return line;
}

/* What is known of it: the bin that it is in, as far as lengths were seen. */
const medianText = ([first, last]) => (first === last ? String(first) : last === undefined ? "from " + first + " on," : "in " + first + "–" + last) + " B";

function card(group) {
	const sides = group[weighing].sides;
	const numbers = make("details", make("summary", "Numbers"));
	numbers.addEventListener("toggle", () => {
		if (numbers.open && numbers.children.length === 1)
			numbers.append(numbersTable(sides));
	});
	const facts = [plural(group.flows, "flow"), plural(group.packets, "packet"), bytes(group.bytes)];
	if (group.empty)
		facts.push(count(group.empty) + " without " + things);
	const spreadText = "median " + medianText(group.median) + " · entropy " + group.entropy.toFixed(2) + " bits" + (group.dispersion === undefined ? "" : " · spread " + distance(group.dispersion));
	return make("article.card" + (two ? "" : ".single"), make("h3", named(group.name)), make("p.facts", facts.join(" · ")), chart(sides),
		leading(group), make("p.facts", spreadText), numbers);
}

function drawCards() {
	byId("cards").replaceChildren(...data.groups.map(card));
	const about = byId("profiles-about");
	const scale = "Shares of all " + things + ", each picture to its own scale. Spread is the mean " + distanceName + " distance of the flows to their group" + (ofLibraries ? "; of libraries that of their cells, which is a little less" : "") + ".";
	if (two)
		about.replaceChildren(make("span.key.source", make("span", "up: what the source sent")), "  ", make("span.key.destination", make("span", "down: what the destination sent")), ". " + scale);
	else
		about.replaceChildren(scale);
}

function profileRows() {
	const columns = sideColumns();
	return [[data.by, "flows", "packets", "bytes", ...columns.map(([name]) => name)], ...data.groups.map((group) => [group.name, group.flows, group.packets, group.bytes, ...columns.map(([, of]) => of(group[weighing].sides))])];
}

function profileSvg() {
	return chartsSvg("Shares of all " + things + (two ? ": source up, destination down" : ""), data.groups.map((group) => ({ title: group.name, note: plural(group.flows, "flow") + ", " + plural(group.packets, "packet"), sides: group[weighing].sides })));
}
