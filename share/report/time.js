/* What the groups did over time: stacked bars, one for each slot of time in which there was a flow. */

const time = data.time || { seconds: 1, slots: [], series: [] };
let timeKind = "bytes";
let timeCursor = -1;
const slotStart = (slot) => slot * time.seconds * 1000; // ms since 1970
const isGap = (i) => i > 0 && time.slots[i] !== time.slots[i - 1] + 1;
const seriesName = (series) => series.group === undefined ? "others" : data.groups[series.group].name;
/* "others" have the last colour, which is grey. */
const seriesColour = (series, i) => series.group === undefined ? 7 : i;

function slotText(slot) {
	const text = new Date(slotStart(slot)).toISOString();
	return text.slice(0, 10) + " " + text.slice(11, time.seconds < 1 ? 23 : time.seconds < 60 ? 19 : 16);
}

function width() {
	const s = time.seconds;
	for (const [unit, name] of [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]])
		if (s >= unit && s % unit === 0)
			return plural(s / unit, name);
	return plural(Math.round(s * 1000), "millisecond");
}

const timeValue = (value) => timeKind === "bytes" ? bytes(value) : plural(value, "flow");
const slotSum = (i) => time.series.reduce((sum, series) => sum + series[timeKind][i], 0);

/* One path for each series; `fill` is called with its number. */
function timeBars(height, fill) {
	const most = Math.max(1, ...time.slots.map((_, i) => slotSum(i)));
	const below = new Array(time.slots.length).fill(0);
	return time.series.map((series, s) => {
		let path = "";
		series[timeKind].forEach((value, i) => {
			if (!value)
				return;
			const size = value / most * height;
			path += "M" + (i + 0.06) + " " + (height - below[i]).toFixed(3) + "h.88v" + (-size).toFixed(3) + "h-.88z";
			below[i] += size;
		});
		return svg("path", { d: path, ...fill(seriesColour(series, s)) });
	});
}

function timePicture() {
	const slots = time.slots.length;
	const picture = svg("svg", { class: "time", viewBox: "0 0 " + slots + " 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...timeBars(99, (colour) => ({ class: "series-" + colour })));
	time.slots.forEach((_, i) => {
		if (isGap(i))
			picture.append(svg("line", { class: "gap", x1: i, x2: i, y1: 0, y2: 100 }));
	});
	if (timeCursor >= 0)
		picture.append(svg("line", { class: "guide", x1: timeCursor + 0.5, x2: timeCursor + 0.5, y1: 0, y2: 100 }));
	picture.append(svg("line", { class: "middle", x1: 0, x2: slots, y1: 100, y2: 100 }));
	return picture;
}

/* The first slot, and those behind a gap that have room for their words. */
function timeMarks(room) {
	const marks = [];
	time.slots.forEach((slot, i) => {
		if ((i === 0 || isGap(i)) && (!marks.length || i - marks.at(-1)[0] >= time.slots.length * room) && (i === 0 || i < time.slots.length * (1 - room)))
			marks.push([i, slotText(slot)]);
	});
	return marks;
}

function timeAxis() {
	const host = make("div.axis");
	for (const [i, text] of timeMarks(innerWidth < 640 ? 0.5 : 0.22)) {
		const tick = make("span", text);
		tick.style.left = (100 * i / time.slots.length) + "%";
		host.append(tick);
	}
	return host;
}

function readTime() {
	if (timeCursor < 0)
		return "bars to " + timeValue(Math.max(...time.slots.map((_, i) => slotSum(i))));
	const parts = time.series.map((series) => [series[timeKind][timeCursor], seriesName(series)]).filter(([value]) => value).sort((a, b) => b[0] - a[0]);
	return slotText(time.slots[timeCursor]) + ": " + (parts.map(([value, name]) => brief(name) + " " + timeValue(value)).join(", ") || "nothing");
}

function moveTime(i) {
	timeCursor = i;
	byId("time-chart").firstChild.replaceWith(timePicture());
	byId("time-reading").textContent = readTime();
}

function timeTable() {
	const head = make("tr", set(make("th", "UTC"), { scope: "col" }), ...time.series.map((series) => set(make("th.number", named(seriesName(series))), { scope: "col" })));
	const rows = time.slots.map((slot, i) => make("tr", set(make("th", slotText(slot)), { scope: "row" }), ...time.series.map((series) => make("td.number", series[timeKind][i] ? timeValue(series[timeKind][i]) : make("span.faint", "·")))));
	return make("table.rows.times", make("thead", head), make("tbody", ...rows));
}

function drawTimeSection() {
	if (!data.time) {
		dropSection("time");
		return;
	}
	listenTime();
	drawTime();
}

function drawTime() {
	const legend = time.series.map((series, s) => make("span.key.series-" + seriesColour(series, s), make("span", named(seriesName(series)))));
	const numbers = make("details", make("summary", "Numbers"));
	numbers.addEventListener("toggle", () => {
		if (numbers.open && numbers.children.length === 1)
			numbers.append(set(make("div.scroll", timeTable()), { tabindex: "0", role: "region", "aria-label": "Groups over time, in numbers" }));
	});
	byId("time-about").textContent = (timeKind === "bytes" ? "IP bytes by " + groupWord + ", each flow's spread evenly from its start to its end: records keep no times of packets." : "Flows by " + groupWord + ", where they began.") +
		" A bar is " + width() + "; stretches without any flow are left out" + (time.slots.some((_, i) => isGap(i)) ? ", at dashed lines." : ".") + exceptLibraries;
	byId("time-chart").replaceChildren(timePicture(), timeAxis());
	byId("time-legend").replaceChildren(...legend);
	byId("time-numbers").replaceChildren(numbers);
	moveTime(-1);
}

function timeRows() {
	const rows = [["start", ...time.series.flatMap((series) => [seriesName(series) + " flows", seriesName(series) + " bytes"])]];
	time.slots.forEach((slot, i) => rows.push([new Date(slotStart(slot)).toISOString(), ...time.series.flatMap((series) => [series.flows[i], series.bytes[i]])]));
	return rows;
}

function timeSvg() {
	const wide = 900;
	const bars = svg("g", { transform: "translate(20 40) scale(" + wide / time.slots.length + " 1)" }, ...timeBars(260, (colour) => ({ fill: seriesPaper[colour] })));
	const marks = timeMarks(0.2).map(([i, text]) => svgText(20 + wide * i / time.slots.length, 316, text, { fill: paper.soft, "font-size": 10 }));
	const legend = time.series.flatMap((series, s) => {
		const x = 20 + 225 * (s % 4), y = 334 + 18 * Math.floor(s / 4);
		return [svg("rect", { x, y, width: 10, height: 10, fill: seriesPaper[seriesColour(series, s)] }), svgText(x + 15, y + 9, brief(seriesName(series)).slice(0, 32))];
	});
	const title = (timeKind === "bytes" ? "IP bytes" : "Flows that began") + " in " + width() + ", UTC; bars to " + timeValue(Math.max(...time.slots.map((_, i) => slotSum(i))));
	return svgFile(wide + 40, 380, title, [svgText(20, 24, title, { "font-size": 14, "font-weight": 600 }), bars, ...marks, ...legend]);
}

function listenTime() {
	const host = byId("time-chart");
	const last = time.slots.length - 1;
	host.addEventListener("pointermove", (event) => {
		const box = host.getBoundingClientRect();
		const at = Math.min(last, Math.max(0, Math.floor((event.clientX - box.left) / box.width * time.slots.length)));
		if (at !== timeCursor)
			moveTime(at);
	});
	host.addEventListener("pointerleave", () => moveTime(-1));
	host.addEventListener("keydown", (event) => {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!step)
			return;
		event.preventDefault();
		moveTime(Math.min(last, Math.max(0, timeCursor + step)));
	});
	for (const [value, text] of [["bytes", "Bytes"], ["flows", "Flows"]]) {
		const button = set(make("button", text), { type: "button", "aria-pressed": String(timeKind === value) });
		button.addEventListener("click", () => {
			timeKind = value;
			for (const other of byId("time-switch").children)
				other.setAttribute("aria-pressed", String(other === button));
			drawTime();
		});
		byId("time-switch").append(button);
	}
	offer("time", "Groups over time", timeRows, timeSvg);
}
