/* The top of the page: what was read, in five numbers. */
function drawTop() {
	const read = data.read;
	const names = read.inputs.slice(0, 3).map((input) => brief(input.name));
	const more = read.input_count - names.length;
	const title = data.title ? clean(data.title) : names.join(", ") + (more > 0 ? " and " + count(more) + " more" : "");
	byId("title").textContent = title;
	document.title = title + " – distribooze report";
	byId("maker").textContent = data.program + " · distributions of " + lengthWord;
	byId("lead").textContent = data.fold === 1
		? data.bins + " bins of " + plural(data.bin_width, "byte") + "; the last one takes everything from " + (data.bins - 1) * data.bin_width + " bytes up."
		: data.bins + " bins of " + plural(data.bin_width, "byte") + ", shown " + data.fold + " to a column.";
	const groups = data.groups.length + data.groups_left_out;
	const span = (Date.parse(read.last) - Date.parse(read.first)) / 1000;
	const tiles = [
		[two ? "Flows" : "One-way flows", count(read.flows)],
		["Packets", count(read.packets)],
		["IP bytes", bytes(read.bytes)],
		[Groups, count(groups)],
	];
	if (read.first)
		tiles.push([ofLibraries ? "Span of time, libraries aside" : "Span of time", seconds(span)]);
	for (const [name, value] of tiles)
		byId("tiles").append(make("div", make("dt", name), make("dd", value)));
	byId("foot").textContent = "Made by " + data.program + ". This file is complete in itself: it loads nothing and sends nothing.";
}

function drawSwitch() {
	const host = byId("weighing");
	for (const [value, text] of [["mean", "Flows count alike"], ["pooled", "Packets count alike"]]) {
		const button = set(make("button", text), { type: "button", "aria-pressed": String(weighing === value) });
		button.addEventListener("click", () => {
			weighing = value;
			for (const other of host.children)
				other.setAttribute("aria-pressed", String(other === button));
			drawHeat();
			drawCards();
		});
		host.append(button);
	}
}

function leftOut() {
	return data.groups_left_out
		? " The " + plural(data.groups.length, "largest group") + " of " + count(data.groups.length + data.groups_left_out) + "; " + plural(data.flows_left_out, "flow") + " of smaller ones are not shown here."
		: "";
}
