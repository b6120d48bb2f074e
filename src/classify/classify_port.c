/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_port.c - the classifier of a build without nDPI: labels by registered port, or by IP protocol.
 *
 * Looks at no payload. A flow has its label from its first packet: by the port that it was sent to if that is
 * registered, else by the one that it was sent from, since who comes first in a capture need not have opened the
 * connection. */
#include "config.h"
#include "classify/classify.h"

#include "classify/classify_internal.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

struct service {
	const char *label;
	uint8_t protocol;
	bool both; /* TCP and UDP */
	uint16_t port;
};

#define SERVICE_OF_TCP(number, label) { label, DZ_IPPROTO_TCP, false, number },
#define SERVICE_OF_UDP(number, label) { label, DZ_IPPROTO_UDP, false, number },
#define SERVICE_OF_BOTH(number, label) { label, DZ_IPPROTO_TCP, true, number },
#define PORT(transport, number, label) SERVICE_OF_##transport(number, label)
#define PROTOCOL(name, label) { label, DZ_IPPROTO_##name, false, 0 },
static const struct service services[] = {
#include "classify/ports.def"
};
#undef PORT
#undef PROTOCOL

enum { SERVICES = sizeof services / sizeof *services };
enum { NOT_SURE, BY_PORT, BY_PROTOCOL }; /* what the label stands on */

struct port_classifier {
	struct dz_classifier base;
	bool guess;
	char *lower[SERVICES]; /* owned: the labels in lower case */
};

/* ---- labels ---- */

static bool is_of(const struct service *service, uint8_t protocol, uint16_t port)
{
	return service->port == port &&
	       (service->protocol == protocol || (service->both && protocol == DZ_IPPROTO_UDP));
}

/* The number that stands for a label: one more than its first row; 0 when none is registered. Protocols have port 0. */
static uint16_t find(uint8_t protocol, uint16_t port)
{
	uint16_t row = 0, first = 0;

	while (row < SERVICES && !is_of(&services[row], protocol, port))
		row++;
	if (row == SERVICES)
		return 0;
	while (strcmp(services[first].label, services[row].label) != 0)
		first++;
	return (uint16_t)(first + 1);
}

static uint16_t by_port(const struct dz_packet *pkt)
{
	const struct dz_flow_key *key = &pkt->key;
	uint16_t sent_to = key->port[!pkt->sender], sent_from = key->port[pkt->sender];
	uint16_t label = sent_to ? find(key->protocol, sent_to) : 0;

	return label || !sent_from ? label : find(key->protocol, sent_from);
}

static void port_packet(struct dz_classifier *classifier, struct dz_classify_state **state, const struct dz_packet *pkt,
			uint64_t time_ns, bool from_initiator, struct dz_label *label)
{
	const struct port_classifier *c = (const struct port_classifier *)classifier;

	(void)state, (void)time_ns, (void)from_initiator;
	label->inspected = 1;
	label->settled = true;
	label->confidence = NOT_SURE;
	if (c->guess && dz_ipproto_has_ports(pkt->key.protocol) && (label->application = by_port(pkt))) {
		label->guessed = true;
		label->confidence = BY_PORT;
	} else if ((label->application = find(pkt->key.protocol, 0))) {
		label->confidence = BY_PROTOCOL;
	}
}

static void port_finish(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label)
{
	(void)classifier, (void)state;
	label->settled = true;
}

static void port_saw_both(struct dz_classifier *classifier, struct dz_label *label)
{
	(void)classifier, (void)label;
}

static void port_describe(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text)
{
	static const char *const confidences[] = { "Unknown", "Match by port", "Match by IP protocol" };
	const struct port_classifier *c = (const struct port_classifier *)classifier;
	const char *lower = label->application ? c->lower[label->application - 1] : "unknown";

	*text = dz_classify_unknown;
	if (label->application)
		text->application = text->protocol = services[label->application - 1].label;
	text->network_protocol = text->network_application = lower;
	text->confidence = confidences[label->confidence];
}

/* ---- life ---- */

static void port_free(struct dz_classifier *classifier)
{
	struct port_classifier *c = (struct port_classifier *)classifier;

	for (unsigned i = 0; i < SERVICES; i++)
		free(c->lower[i]);
	free(c);
}

static const struct dz_classifier_ops port_ops = { port_free, port_packet, port_finish, port_saw_both, port_describe };

static bool refuse(const char *option, const char *value, struct dz_err *err)
{
	return dz_err_set(err, "%s: '%s': this distribooze was built without nDPI", option, value);
}

bool dz_classify_check(const struct dz_classify_config *config, struct dz_err *err)
{
	if (config->protocols_file)
		return refuse("--protocols", config->protocols_file, err);
	if (config->categories_file)
		return refuse("--categories", config->categories_file, err);
	return !config->setting_count || refuse("--ndpi-set", config->settings[0], err);
}

struct dz_classifier *dz_classifier_new(const struct dz_classify_config *config, struct dz_err *err)
{
	struct port_classifier *c;

	if (!dz_classify_check(config, err))
		return NULL;
	c = dz_mem_zalloc(1, sizeof *c);
	c->base.ops = &port_ops;
	c->guess = config->guess;
	for (unsigned i = 0; i < SERVICES; i++)
		c->lower[i] = dz_classify_lower(services[i].label);
	return &c->base;
}

const char *dz_classify_library(void)
{
	return "no nDPI: labels by port";
}
