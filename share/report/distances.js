/* How far the groups are from each other. */
const MATRIX_MOST = 60, NEAREST = 3;
const nearness = (d) => 1 - Math.min(1, d / data.distance_max);
const between = (a, b) => a === b ? 0 : a > b ? data.distances[a][b] : data.distances[b][a];

function headOf(names, first) {
	const row = make("tr", make("td", first));
	for (const name of names)
		row.append(set(make("th", named(name)), { scope: "col", title: clean(name) }));
	return make("thead", row);
}

function drawMatrix() {
	const groups = data.groups;
	const what = !data.pooled ? "the groups' mean distributions" : "the groups' pooled distributions";
	if (groups.length < 2) {
		byId("distances-about").textContent = "There is one group only: nothing to compare it with.";
		byId("matrix").remove();
		return;
	}
	byId("distances-about").textContent = distanceName + " distance between " + what + directionText + ", from 0 (equal) to " + (large ? Math.round(data.distance_max) : data.distance_max) + " (nothing in common)" + (data.distance === "wasserstein" ? ", in bytes" : data.distance === "euclidean" ? ", on percent" : "") + "." + leftOut();
	if (groups.length > MATRIX_MOST)
		byId("distances-about").append(" Each " + groupWord + "'s nearest; the whole matrix is in the files.");
	else
		byId("distances-about").append(" The stronger the colour, the nearer.");
	byId("matrix").append(groups.length > MATRIX_MOST ? nearestTable() : matrixTable());
	offer("distances", "Distances", distanceRows, distanceSvg);
}

function matrixTable() {
	const body = make("tbody");
	data.groups.forEach((group, a) => {
		const row = make("tr", set(make("th", named(group.name)), { scope: "row", title: clean(group.name) }));
		data.groups.forEach((other, b) => {
			const d = between(a, b);
			const cell = a === b ? make("td.self", "·") : make("td", d.toFixed(large ? 0 : 2));
			if (a !== b) {
				cell.style.setProperty("--v", (70 * nearness(d)).toFixed(1) + "%");
				cell.title = clean(group.name) + " and " + clean(other.name) + ": " + distance(d);
			}
			row.append(cell);
		});
		body.append(row);
	});
	return make("table.matrix" + (data.groups.length > 14 ? ".wide" : ""), headOf(data.groups.map((g) => g.name), ""), body);
}

/* Of many groups a matrix cannot be read. */
function nearestTable() {
	const body = make("tbody");
	data.groups.forEach((group, a) => {
		const others = data.groups.map((_, b) => b).filter((b) => b !== a).sort((b, c) => between(a, b) - between(a, c) || b - c).slice(0, NEAREST);
		body.append(make("tr", set(make("th", named(group.name)), { scope: "row" }), ...others.map((b) => make("td", named(data.groups[b].name), make("span.faint", " " + distance(between(a, b)))))));
	});
	const head = make("tr", set(make("th", Group), { scope: "col" }), ...["Nearest", "Second", "Third"].map((name) => set(make("th", name), { scope: "col" })));
	return make("table.rows.nearest", make("thead", head), body);
}

const distanceRows = () => [[data.by, ...data.groups.map((group) => group.name)], ...data.groups.map((group, a) => [group.name, ...data.groups.map((_, b) => between(a, b))])];

function distanceSvg() {
	const names = data.groups.map((group) => group.name);
	return gridSvg(distanceName + " distances", names, names, (a, b) => a === b ? {} : { fill: mixed(paper.page, paper.near, 0.8 * nearness(between(a, b))), text: between(a, b).toFixed(large ? 0 : 2) });
}
