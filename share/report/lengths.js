/* The heat map: one row for each group, one column for each length. */
const shade = (share) => share > 0 ? Math.max(5, 100 * Math.sqrt(share / WHOLE)).toFixed(1) + "%" : "0%";

function heatCell(share) {
	const cell = document.createElement("td");
	if (share)
		cell.style.setProperty("--v", shade(share));
	return cell;
}

function heatRow(group) {
	const row = make("tr", set(make("th", named(group.name), make("span.faint", count(group.flows))), { scope: "row", title: clean(group.name) + ": " + plural(group.flows, "flow") }));
	for (const share of group[weighing].vector)
		row.append(heatCell(share));
	return row;
}

function heatAxis() {
	const step = tickStep(8);
	const row = make("tr", make("td", make("span.hidden", Group)));
	for (let c = 0; c < data.columns; c += step)
		row.append(set(make("th", c * columnBytes + (c ? "" : " bytes")), { scope: "colgroup", colspan: Math.min(step, data.columns - c) }));
	return make("thead", row);
}

function readHeat(row, column) {
	const group = data.groups[row];
	return brief(group.name) + " · " + range(column) + " bytes · " + percent(group[weighing].vector[column]);
}

let heatCursor = null;
function drawHeat() {
	const body = make("tbody");
	for (const group of data.groups)
		body.append(heatRow(group));
	const caption = make("caption", make("span.hidden", "Share of each length by " + groupWord));
	byId("heat").replaceChildren(make("table.heat", caption, heatAxis(), body));
	byId("lengths-about").textContent = "How often each " + lengthWord + " occurs, by " + groupWord + directionText + ": " +
		(weighing === "mean" ? "the mean of the flows' own distributions, so that a flow of ten packets says as much as one of a million." : "all packets of the group together, so that long flows prevail.") + leftOut();
	moveHeat(null);
}

function moveHeat(place) {
	const rows = byId("heat").querySelectorAll("tbody tr");
	const old = byId("heat").querySelector(".here");
	if (old)
		old.classList.remove("here");
	heatCursor = place;
	byId("heat-reading").textContent = place ? readHeat(place[0], place[1]) : "";
	if (place)
		rows[place[0]].children[place[1] + 1].classList.add("here");
}

function listenHeat() {
	const host = byId("heat");
	host.addEventListener("pointerover", (event) => {
		const cell = event.target.closest("tbody td");
		if (cell)
			moveHeat([cell.parentNode.sectionRowIndex, cell.cellIndex - 1]);
	});
	host.addEventListener("pointerleave", () => moveHeat(null));
	host.addEventListener("keydown", (event) => {
		const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
		if (!step)
			return;
		event.preventDefault();
		const [r, c] = heatCursor ? [heatCursor[0] + step[0], heatCursor[1] + step[1]] : [0, 0];
		moveHeat([Math.min(Math.max(r, 0), data.groups.length - 1), Math.min(Math.max(c, 0), data.columns - 1)]);
	});
	const legend = byId("heat-legend");
	legend.append(make("span", "Share:"));
	for (const p of [0, 1, 5, 10, 25, 50, 100]) {
		const swatch = document.createElement("i");
		swatch.style.setProperty("--v", shade(p / 100 * WHOLE));
		legend.append(swatch, make("span", p + " %"));
	}
	offer("lengths", "Heat map", heatRows, heatSvg);
}

function heatRows() {
	const columns = Array.from({ length: data.columns }, (_, c) => c);
	return [[data.by, "flows", ...columns.map((c) => "share_" + c * columnBytes)], ...data.groups.map((group) => [group.name, group.flows, ...group[weighing].vector.map((v) => v / WHOLE)])];
}

function heatSvg() {
	const step = tickStep(12);
	const names = Array.from({ length: data.columns }, (_, c) => c % step ? "" : String(c * columnBytes));
	return gridSvg("Share of each " + lengthWord + " by " + groupWord, data.groups.map((group) => group.name), names,
		(r, c) => ({ fill: mixed(paper.empty, paper.heat, Math.sqrt(data.groups[r][weighing].vector[c] / WHOLE)) }), { wide: 14, high: 16, top: 70 });
}
