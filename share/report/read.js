/* What was read, and what was not. */
function pairs(title, rows) {
	const body = make("tbody");
	for (const [name, value] of rows)
		body.append(make("tr", set(make("th", name), { scope: "row" }), make("td.number", value)));
	return make("div", make("table.rows", make("caption", title), body));
}

function inputTable() {
	const read = data.read;
	const body = make("tbody");
	for (const input of read.inputs)
		body.append(make("tr", set(make("th", named(input.name), input.library ? make("span.hint", "a library of profiles") : null), { scope: "row" }), make("td.number", count(input.flows)), make("td.number", count(input.packets)), make("td.number", bytes(input.bytes))));
	const head = make("tr");
	for (const name of ["Input", "Flows", "Packets", "Bytes"])
		head.append(set(make(name === "Input" ? "th" : "th.number", name), { scope: "col" }));
	const caption = "Inputs" + (read.input_count > read.inputs.length ? ": the first " + read.inputs.length + " of " + count(read.input_count) : "");
	return make("div.scroll", make("table.rows", make("caption", caption), make("thead", head), body));
}

function drawRead() {
	const read = data.read;
	const troubles = [];
	if (read.failures)
		troubles.push(plural(read.failures, "input") + " could not be read or broke off; what was readable is here");
	if (read.bad_lines)
		troubles.push(plural(read.bad_lines, "line") + " that are no records were passed over");
	const missing = ofLibraries ? " Libraries keep no single flows, no times and no sessions: of theirs there is nothing over time, no table, no test; and no clusters, since cells are means of flows." : "";
	byId("read-about").textContent = (read.first ? "From " + moment(read.first) + " to " + moment(read.last) + " UTC." : "") + missing + (troubles.length ? " " + troubles.join("; ") + "." : "");
	const rows = [["Flows read", count(read.records)]];
	if (read.records > singleFlows)
		rows.push(["left out by --label or --min-packets", count(read.records - singleFlows)]);
	if (ofLibraries)
		rows.push(["Flows of libraries", count(ofLibraries)]);
	rows.push(["Flows in this report", count(read.flows)]);
	if (read.capture_packets) {
		rows.push(["Packets read from captures", count(read.capture_packets)]);
		if (read.filtered)
			rows.push(["left out by the filter", count(read.filtered)]);
		for (const [name, n] of Object.entries(read.skipped))
			rows.push(["skipped: " + clean(name), count(n)]);
	}
	byId("read-tables").append(inputTable(), pairs("Accounting", rows));
}
