/* Every picture can be had as a file: the numbers as CSV, the picture as SVG in light colours, which needs no page. */

const paper = { page: "#ffffff", ink: "#1b1f24", soft: "#5d6670", line: "#e2e4e3", source: "#2b63b0", destination: "#c25a22", heat: "#123f78", near: "#5b8fcf", empty: "#f1f2f1" };
const seriesPaper = ["#2b63b0", "#c25a22", "#2f8f5b", "#8e5bb5", "#b0306a", "#8a7a1f", "#1f8a9c", "#8a9299"];

function mixed(from, to, part) {
	const channel = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
	return "#" + [0, 1, 2].map((i) => Math.round(channel(from, i) + (channel(to, i) - channel(from, i)) * part).toString(16).padStart(2, "0")).join("");
}

/* A cell that a spreadsheet would take for a formula gets a quote before it. */
function csvCell(value) {
	const text = typeof value === "number" ? String(value) : clean(value === undefined || value === null ? "" : value);
	const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
	return /[",\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}
const csvText = (rows) => rows.map((row) => row.map(csvCell).join(",") + "\r\n").join("");

function svgText(x, y, text, attributes = {}) {
	return svg("text", { x, y, fill: paper.ink, "font-size": 11, ...attributes }, clean(text));
}

function svgFile(width, height, title, children) {
	const picture = svg("svg", { width, height, viewBox: "0 0 " + width + " " + height, "font-family": "system-ui, sans-serif" },
		svg("title", {}, title), svg("rect", { width, height, fill: paper.page }), ...children);
	return new XMLSerializer().serializeToString(picture);
}

function save(name, type, text) {
	const link = set(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/* Two buttons at the end of the section's head. `rows` and `picture` are called when they are wanted. */
function offer(section, name, rows, picture) {
	const button = (kind, type, text) => {
		const element = set(make("button", kind), { type: "button", "aria-label": name + " as " + kind });
		element.addEventListener("click", () => save("distribooze-" + section + "." + kind.toLowerCase(), type, text()));
		return element;
	};
	byId(section).querySelector("h2").after(make("div.downloads", button("CSV", "text/csv", () => csvText(rows())), button("SVG", "image/svg+xml", picture)));
}

/* Names of rows at the left, of columns on top, and between them what cell(row, column) says: { fill, text }. */
function gridSvg(title, rows, columns, cell, size = {}) {
	const { wide = 34, high = 18, left = 190, top = 120 } = size;
	const children = [svgText(8, 20, title, { "font-size": 14, "font-weight": 600 })];
	columns.forEach((name, c) => children.push(svgText(0, 0, brief(name), { transform: "translate(" + (left + wide * c + wide / 2 + 4) + " " + (top - 6) + ") rotate(-60)", fill: paper.soft, "font-size": 10 })));
	rows.forEach((name, r) => {
		children.push(svgText(left - 6, top + high * r + high * 0.7, brief(name).slice(0, 28), { "text-anchor": "end" }));
		columns.forEach((_, c) => {
			const { fill, text } = cell(r, c);
			if (fill)
				children.push(svg("rect", { x: left + wide * c, y: top + high * r, width: wide - 1, height: high - 1, fill }));
			if (text)
				children.push(svgText(left + wide * c + wide / 2, top + high * r + high * 0.7, text, { "text-anchor": "middle", "font-size": 9 }));
		});
	});
	return svgFile(left + wide * columns.length + 80, top + high * rows.length + 12, title, children);
}

/* Distributions side by side, three to a row: { title, note, sides }. */
function chartsSvg(title, charts) {
	const wide = 300, high = 150;
	const children = [svgText(12, 22, title, { "font-size": 14, "font-weight": 600 })];
	charts.forEach((chart, i) => {
		const x = 12 + (wide + 16) * (i % 3), y = 40 + high * Math.floor(i / 3);
		const most = Math.max(1, ...chart.sides.flat());
		const middle = two ? 75 : 110, room = two ? 38 : 80;
		const bars = (shares, colour, direction) => svg("path", { d: barPath(shares, most, 0, room, direction), fill: colour, transform: "translate(" + x + " " + (y + middle) + ") scale(" + wide / data.columns + " 1)" });
		children.push(svgText(x, y + 12, brief(chart.title).slice(0, 44), { "font-weight": 600 }), svgText(x, y + 26, chart.note, { fill: paper.soft, "font-size": 10 }),
			bars(chart.sides[0], paper.source, -1), two ? bars(chart.sides[1], paper.destination, 1) : null,
			svg("line", { x1: x, x2: x + wide, y1: y + middle, y2: y + middle, stroke: paper.soft, "stroke-width": 0.5 }),
			svgText(x, y + 126, "0", { fill: paper.soft, "font-size": 9 }), svgText(x + wide, y + 126, (data.columns - 1) * columnBytes + "+ bytes", { fill: paper.soft, "font-size": 9, "text-anchor": "end" }),
			svgText(x + wide, y + 12, "bars to " + percent(most), { fill: paper.soft, "font-size": 9, "text-anchor": "end" }));
	});
	return svgFile(12 + 3 * (wide + 16), 48 + high * Math.ceil(charts.length / 3), title, children);
}

/* "source_64", as the columns of `compare -F csv` are called; each beside what gets it from a group's two sides. */
function sideColumns() {
	const columns = [];
	for (let part = 0; part < data.parts; part++)
		for (let c = 0; c < data.columns; c++)
			columns.push([(two ? ["source_", "destination_"][part] : "share_") + c * columnBytes, (sides) => sides[part][c] / WHOLE]);
	return columns;
}
